"""Explanations of how a feed was read."""

from __future__ import annotations

import pytest

from digest.readers.posts.explain import count_words, is_stub, told_encoding, why_no_date
from tests.support.parsed import NOW, parsed_post


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("Mon, 23 Nov 2026 06:00:00 GMT", ""),
        ("", "is missing"),
        ("yesterday", "cannot be read"),
        ("2031-01-01T00:00:00Z", "in the future"),
        ("1970-01-01T00:00:00Z", "before 1990"),
    ],
)
def test_dates_that_are_not_believed_are_explained(raw: str, words: str) -> None:
    said = why_no_date(raw, now=NOW)
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"\xef\xbb\xbf<rss/>", "text/xml", "utf-8 (byte order mark)"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?>", "", "iso-8859-1 (document)"),
        (b"<rss/>", 'text/xml; charset="UTF-8"', "utf-8 (server)"),
        (
            b"<?xml version='1.0' encoding='koi8-r'?>",
            "text/xml; charset=utf-8",
            "utf-8 (server), koi8-r (document)",
        ),
        (b"{}", "application/json", ""),
    ],
)
def test_the_encoding_is_reported(body: bytes, content_type: str, expected: str) -> None:
    assert told_encoding(body, content_type) == expected


def test_short_and_cut_texts_are_stubs() -> None:
    long = "<p>" + "word " * 80 + "</p>"
    assert is_stub(parsed_post(content_html="<p>Words.</p>"))
    assert is_stub(parsed_post(content_html="", summary_html=long[:-4] + "[…]</p>"))
    assert not is_stub(parsed_post(content_html=long))
    assert count_words(long) == 80
