"""The characters of a web page."""

from __future__ import annotations

import codecs

import pytest

from digest.readers.pages.markup import decode_page

WORDS = "<p>Größe – café</p>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (WORDS.encode(), ""),
        (WORDS.encode("cp1252"), ""),
        (WORDS.encode("cp1252"), "text/html; charset=ISO-8859-1"),
        (f'<meta charset="latin1">{WORDS}'.encode("cp1252"), "text/html; charset=none"),
        (codecs.BOM_UTF8 + WORDS.encode(), "text/html; charset=latin1"),
        (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), ""),
        (f'<meta charset="utf-16">{WORDS}'.encode(), ""),
    ],
)
def test_a_page_is_decoded_by_its_mark_its_declaration_or_its_bytes(
    body: bytes, content_type: str
) -> None:
    assert decode_page(body, content_type).endswith(WORDS)
