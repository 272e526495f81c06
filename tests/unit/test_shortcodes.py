"""Shortcodes are removed, other words in brackets stay, and hostile text takes no time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.shortcodes import strip_shortcodes
from tests.support.figures import sample
from tests.support.timing import least_seconds


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
        # Brackets in quoted values.
        ('[caption caption="a ] b" id="x"]A ferry[/caption] It sailed.', " It sailed."),
        ("[gallery caption='a ] b']Then", "Then"),
        ("[vc_row el=“a ] b”]Hello[/vc_row]", "Hello"),
        ('[su_button url="https://a.example/?a[]=1"]Go[/su_button] home', "Go home"),
        # Unclosed.
        ('[gallery ids="1,2" The ferry came.', "The ferry came."),
        ('[gallery ids="1,2"\nThe ferry came.', "The ferry came."),
        ("[gallery link='file' ids=1,2", ""),
        ('[caption]One [caption id="x"]cap[/caption] two', "One  two"),
        # Nested.
        ('[caption id="1"][gallery ids="2"] A ferry[/caption] Then.', " Then."),
        ('[row][column width="1/2"]Text[/column][/row]', "Text"),
        ('[button link="[url]"]Go[/button] home', "Go home"),
        ("[contact_form The ferry came.", "The ferry came."),
        # BBCode.
        ("The [URL=http://a.example]ship[/URL] is [b]here[/b].", "The ship is here."),
        # Nothing else is there.
        ("[caption]All that was written.[/caption]", "All that was written."),
        ('[spoiler title="x"]He dies.[/spoiler] The end.', " The end."),
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
        "“When the [video] came out”, he wrote, “the [map] was in [section 5].”",
        "Press the [button] now.",
        "Das [Bild] zeigt [laut Rat] ein Schiff.",
        "図[map]の中",
        "He wrote [n=12 of them.",
        "Since [latex]x^2[/latex] is small.",
    ],
)
def test_ordinary_words_in_brackets_stay(text: str) -> None:
    assert strip_shortcodes(text) == text


@pytest.mark.slow
@pytest.mark.proof
@pytest.mark.parametrize(
    "piece",
    sample(
        ["[caption]", "[", "[a ", "[a_b]", "[/caption][caption]", "[caption][/caption]", '[a b="']
    ),
)
def test_a_megabyte_of_brackets_takes_less_than_a_second(piece: str) -> None:
    assert least_seconds(lambda: strip_shortcodes(piece * (1_000_000 // len(piece))), under=1) < 1


@pytest.mark.slow
@given(st.text(alphabet='[]/ab_ ="x', max_size=60))
def test_stripping_never_adds_text(text: str) -> None:
    left = iter(text)
    assert all(char in left for char in strip_shortcodes(text))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[gallery] of the mill", " of the mill"),  # at the beginning
        ("-[gallery]mill", "-mill"),  # a word begins at its end
        ("see [/caption] here", "see  here"),  # a closing tag of nothing
        ("we saw the [gallery] in town", "we saw the [gallery] in town"),  # between two words
        ("He said [sic] so", "He said [sic] so"),  # no shortcode has this name
    ],
)
def test_a_tag_without_attributes_is_removed_where_no_author_would_write_it(
    text: str, kept: str
) -> None:
    assert strip_shortcodes(text) == kept
