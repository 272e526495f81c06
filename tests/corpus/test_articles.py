"""Articles and pictures of saved real pages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.models import Document, ParsedPage
from digest.readers.pages.fulltext import is_available
from digest.readers.pages.markup import decode_page
from digest.readers.pages.page import read_page
from digest.text.html import html_to_text
from tests.support.parsed import NOW

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("pages-articles", "pages-with-comments")
URL = "https://base.invalid/article"

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of pages is not here"),
    pytest.mark.skipif(not is_available(), reason="the extra fulltext is not installed"),
]

#: First words of each article, as a person finds them on the page.
STARTS = {
    "bbc-1.html": "Obama admits US gun laws",
    "blogger.html": "I've written a couple of posts",
    "cnn.html": "The U.S. has long been heralded",
    "wapo-1.html": "CAIRO — Gunmen opened fire",
    "pewresearch.org1.html": "Those from Mexico will benefit most",
    "uproxx.com2.html": "The people at the UK’s",
    "002.html": "For more than a decade the",
    "wordpress.html": "Stack Overflow published its analysis",
    "1337kultur.de.picard.html": "Thema dieser Folge ist die",
    "businessjargons.com.leadership.html": "Leadership Styles Definition: The Leadership Styles",
    "lapresse.tn.parite.html": "Malgré les acquis réalisés au",
    "spreeblick.com.habeck.html": "Hunderttausende von jungen Paaren trennen",
    "stackoverflow.com.rust.html": "Rust has been Stack Overflow’s",
    "threatpost.com.android.html": "Researchers are warning of a",
}
#: Words on some of these pages that belong to no article.
AROUND = (
    "Leave a Reply", "Leave a comment", "Share this", "View Results", "Like this:",
    "Schreibe einen Kommentar", "Hinterlasse eine Antwort", "Gefällt mir Wird geladen",
    "You must be logged in", "Cancel reply", "Notify me of",
)  # fmt: skip
_COMMENTS = ".comment-content p, .comment-body p, .comment-text p, li.comment p, .comment p"


class Reading(NamedTuple):
    """The result for one page."""

    page: ParsedPage
    #: The article, spaces evened out.
    words: str
    #: Its comments: paragraphs of at least eight words.
    comments: tuple[str, ...]
    seconds: float


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """Read every page once."""
    read_page(Document(body=b"<p>warm</p>", url=URL), NOW)
    paths = (path for folder in FOLDERS for path in (CORPUS / folder).rglob("*.html"))
    return {path.name: reading(path.read_bytes()) for path in sorted(paths)}


def reading(body: bytes) -> Reading:
    started = time.monotonic()
    page = read_page(Document(body=body, url=URL), NOW)
    seconds = time.monotonic() - started
    found = LexborHTMLParser(decode_page(body, "")).css(_COMMENTS)
    comments = (" ".join(node.text(separator=" ").split()) for node in found)
    return Reading(
        page,
        " ".join(html_to_text(page.content_html).split()),
        tuple(each for each in comments if len(each.split()) >= 8),
        seconds,
    )


def test_nearly_every_page_gives_an_article_within_two_seconds(
    readings: dict[str, Reading],
) -> None:
    assert len(readings) >= 50
    assert [name for name, each in readings.items() if each.seconds > 2] == []
    short = [name for name, each in readings.items() if len(each.words.split()) < 100]
    assert len(short) <= len(readings) * 0.05, short


def test_no_comment_is_mistaken_for_the_article(readings: dict[str, Reading]) -> None:
    assert sum(len(each.comments) for each in readings.values()) >= 900
    leaks = {
        name: comment
        for name, each in readings.items()
        for comment in each.comments
        if comment in each.words
    }
    assert leaks == {}


@pytest.mark.parametrize(("name", "start"), STARTS.items())
def test_articles_start_with_their_first_words(
    readings: dict[str, Reading], name: str, start: str
) -> None:
    words = readings[name].words
    assert words.startswith(start)
    assert [other for other in AROUND if other in words] == []


def test_most_pages_have_a_picture(readings: dict[str, Reading]) -> None:
    found = [each.page.image_url for each in readings.values() if each.page.image_url]
    assert len(found) >= 38
    assert all(url.startswith(("https://", "http://")) for url in found)
