"""Excerpts over every post of the real feeds: whole, closed, within limits, no shortcode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.composer.excerpt import LEAD, SHORT, Excerpt, Limits, write_excerpt
from digest.composer.measure import measure_for
from digest.composer.prose import read_text
from digest.errors import FeedError
from digest.models import ParsedPost
from digest.readers.feed import read_feed
from digest.text.pairs import is_paired
from digest.text.sentences import ends_sentence

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("feeds", "feeds-feedparser")
#: Of one feed; the rest is alike.
POSTS = 12
NOW = datetime(2026, 11, 23, tzinfo=UTC)

_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|[a-z]+_[a-z_]+)\b")
_SITE_WORDS = re.compile(r"continue reading|appeared first on", re.IGNORECASE)


def posts_of_the_corpus() -> Iterator[tuple[str, str, ParsedPost]]:
    for folder in FOLDERS:
        for path in sorted((CORPUS / folder).rglob("*")):
            if path.is_file() and path.suffix != ".md":
                yield from posts_of(path)


def posts_of(path: Path) -> Iterator[tuple[str, str, ParsedPost]]:
    try:
        feed = read_feed(path.read_bytes(), "https://feed.example/", "", NOW)
    except FeedError:
        return
    for post in feed.posts[:POSTS]:
        yield path.name, feed.language or "en", post


def excerpt_of(post: ParsedPost, language: str) -> Excerpt:
    texts = read_text(post.summary_html), read_text(post.content_html)
    return write_excerpt(*texts, post.title, language)


def faults_of(text: str, limits: Limits) -> Iterator[str]:
    measure = measure_for(text)
    if text and not ends_sentence(text):
        yield "ends in mid sentence"
    if not is_paired(text):
        yield "leaves a mark open"
    if measure.size(text) > measure.scale(limits.most):
        yield "is too long"
    if _SHORTCODE.search(text):
        yield "has a shortcode"
    if _SITE_WORDS.search(text):
        yield "has the site's words"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real feeds is not here")
def test_no_excerpt_of_a_real_feed_breaks_a_rule() -> None:
    faults, written = [], 0
    for name, language, post in posts_of_the_corpus():
        excerpt = excerpt_of(post, language)
        written += bool(excerpt.short)
        for text, limits in ((excerpt.short, SHORT), (excerpt.lead, LEAD)):
            faults += [f"{name}: {fault}: {text}" for fault in faults_of(text, limits)]
    assert faults == []
    assert written > 1000
