"""Quoted-printable whose lines never begin with a dot."""

from __future__ import annotations

import quopri
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.printing.quoting import quote_open, quote_plain, quote_printable

#: Dots, letters that are encoded, spaces and line ends; many of each.
DOTTED = st.text(alphabet=st.sampled_from("...a=é \n\t"), max_size=400)
WORDS = DOTTED | st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")
)


def check_lines(encoded: bytes) -> None:
    lines = encoded.split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert max(map(len, lines)) <= 76
    assert encoded.isascii()
    assert encoded.count(b"\n") == encoded.count(b"\r\n") == encoded.count(b"\r")


@given(WORDS)
def test_no_line_is_long_or_begins_with_a_dot(text: str) -> None:
    encoded = quote_printable(text)
    check_lines(encoded)
    assert quopri.decodestring(encoded).decode().replace("\r\n", "\n") == text


def test_every_line_end_becomes_the_one_of_mail() -> None:
    assert quote_printable("a\r\nb\rc\n") == b"a\r\nb\r\nc\r\n"


@given(WORDS, WORDS)
def test_open_text_goes_on_in_a_new_line(text: str, rest: str) -> None:
    encoded = quote_open(text) + quote_printable(rest)
    check_lines(encoded)
    assert not text or quote_open(text).endswith(b"\r\n")
    assert quopri.decodestring(encoded).decode().replace("\r\n", "\n") == text + rest


@given(st.text(alphabet="ab.-/:? ", max_size=400))
def test_plain_values_are_written_as_the_encoder_writes_them(text: str) -> None:
    slow = quote_printable(text + "_")[:-1]
    assert quote_open(text) == (slow if not slow or slow.endswith(b"\n") else slow + b"=\r\n")


@given(st.text(alphabet="ab.-/:@~+_", max_size=400) | st.text(alphabet="a.=&<é ", max_size=90))
def test_a_value_that_no_part_changes_is_written_as_any_other(text: str) -> None:
    plain = quote_plain(text)
    assert plain in (None, quote_open(text))
    assert plain is None or plain == quote_open(escape(text))


@pytest.mark.parametrize("length", range(70, 82))
@pytest.mark.parametrize("tail", ["", "é", "=", " "])
def test_a_full_line_of_dots_is_broken_between_characters(length: int, tail: str) -> None:
    text = f"x\n.{'a' * (length - len(tail))}{tail}{tail}b\n.\n..\n"
    check_lines(quote_printable(text))
    assert quopri.decodestring(quote_printable(text)).decode().replace("\r\n", "\n") == text
