"""Foreign text cleaned for one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.plain import one_line, running_text, shorten


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("nul\0 and \x1b[31m", "nul and [31m"),
        ("turned \u202earound\u202c", "turned around"),
        ("no\u200bwidth\ufeff soft\u00adhyphen", "nowidth softhyphen"),
        ("half \ud800 pair", "half pair"),
        ("می\u200cخواهم 👩\u200d🚒", "می\u200cخواهم 👩\u200d🚒"),
        ("“Curly” – kept", "“Curly” – kept"),
    ],
)
def test_one_line_drops_what_cannot_be_printed(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_one_line_is_printable_and_stable(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert "\0" not in line
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See https://a.example/short.", "See https://a.example/short."),
        ("See https://www.a.example/2026/11/a-long-way-to-go/home.", "See www.a.example/…."),
        ("http://a.example/2026/12/a-way-to-go-hom", "http://a.example/2026/12/a-way-to-go-hom"),
        ("(https://a.example/2026/11/a-long-way-to-go/home)", "(a.example/…)"),
        ("https://[broken/2026/11/a-long-way-to-go/home", "https://[broken/2026/11/a-long-way-to-go/home"),
    ],
)  # fmt: skip
def test_long_addresses_are_shown_as_their_host(text: str, shown: str) -> None:
    assert running_text(text) == shown


def test_shortening_keeps_words_whole_if_there_are_any() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert shorten("onetwothree", 6) == "onetw…"
    assert shorten("one", 3) == "one"


@given(st.text(alphabet="ab ,-", max_size=60), st.integers(min_value=2, max_value=40))
def test_shortened_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
