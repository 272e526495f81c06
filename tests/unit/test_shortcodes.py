"""Shortcodes are removed, other words in brackets stay, and hostile text takes no time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.shortcodes import strip_shortcodes
from tests.support.timing import least_seconds

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The end. [slideshow_deploy]", "The end. "),
        ('[caption id="a_1" width="300"]A ferry at dawn[/caption] It sailed.', " It sailed."),
        ('[gallery ids="1,2" /]Then', "Then"),
        ("[dropcap]T[/dropcap]he ferry", "The ferry"),
        ("[youtube https://video.example/w] Watch", " Watch"),
        ("[youtube=https://video.example/w] Watch", " Watch"),
        ("[embed]https://video.example/w[/embed]after", "after"),
        ('[unknown foo="bar"]text', "text"),
        ("[/caption]left alone", "left alone"),
        ("[caption]never closed", "never closed"),
        ("[[gallery]] shown", " shown"),
        ("[contact-form-7 404 “Not found”]x", "x"),
    ],
)
def test_shortcodes_are_taken_out(text: str, left: str) -> None:
    assert strip_shortcodes(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "He wrote “their [sic] boat”.",
        "“The line […] is where the water is.”",
        "“The line [...] is where the water is.”",
        "As shown before [1], and again [23].",
        "“[t]he boat” and “[T]he boat”",
        "They laughed [laughs] and went [away].",
        "An array x[i] = y[n + 1]",
        "No brackets at all.",
    ],
)
def test_ordinary_words_in_brackets_stay(text: str) -> None:
    assert strip_shortcodes(text) == text


@pytest.mark.parametrize(
    "piece", ["[caption]", "[", "[a ", "[a_b]", "[/caption][caption]", "[caption][/caption]"]
)
def test_a_megabyte_of_brackets_takes_less_than_a_second(piece: str) -> None:
    assert least_seconds(lambda: strip_shortcodes(piece * (1_000_000 // len(piece))), under=1) < 1


@given(st.text(alphabet='[]/ab_ ="x', max_size=60))
def test_stripping_never_adds_text(text: str) -> None:
    left = iter(text)
    assert all(char in left for char in strip_shortcodes(text))
