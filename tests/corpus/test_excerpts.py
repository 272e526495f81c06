"""Excerpts of every post of the real feeds: whole, closed, within limits, by the author only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.composer.excerpts.excerpt import Excerpt, write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.errors import FeedError
from digest.models import Document, ParsedPost
from digest.readers.feeds.feed import read_feed
from digest.text.excerpts import faults_of_excerpt
from tests.support.excerpt_rules import MAX_LEAD, MAX_SHORT, faults_of
from tests.support.figures import IS_PROOF, sample

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("feeds", "feeds-feedparser")
#: A language other than the feed's, as in a newsletter of many feeds.
LANGUAGES = ("", "en", "de")
NOW = datetime(2026, 11, 23, tzinfo=UTC)

pytestmark = [
    pytest.mark.long,
    pytest.mark.proof,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real feeds is not here"),
]


def posts_of_the_corpus() -> Iterator[tuple[str, str, ParsedPost]]:
    for folder in FOLDERS:
        paths = (path for path in sorted((CORPUS / folder).rglob("*")) if path.suffix != ".md")
        for path in sample(path for path in paths if path.is_file()):
            yield from posts_of(path)


def posts_of(path: Path) -> Iterator[tuple[str, str, ParsedPost]]:
    try:
        feed = read_feed(Document(body=path.read_bytes(), url="https://feed.example/"), NOW)
    except FeedError:
        return
    for post in feed.posts:
        yield path.name, feed.language or "en", post


def excerpts_of(post: ParsedPost, language: str) -> Iterator[tuple[str, Excerpt]]:
    texts = read_text(post.summary_html), read_text(post.content_html)
    # Long runs try each post in every language, short runs in the feed's.
    for spoken in dict.fromkeys(each or language for each in LANGUAGES[: None if IS_PROOF else 1]):
        yield spoken, write_excerpt(*texts, post.title, spoken)


def faults_in(excerpt: Excerpt, language: str) -> Iterator[str]:
    for text, most, is_lead in (
        (excerpt.short, MAX_SHORT, False),
        (excerpt.lead, MAX_LEAD, True),
    ):
        faults = (*faults_of(text, most), *faults_of_excerpt(text, language, is_lead=is_lead))
        yield from (f"{fault}: {text}" for fault in faults)


def test_no_excerpt_of_a_real_feed_breaks_a_rule() -> None:
    faults, written, slowest = [], 0, 0.0
    for name, language, post in posts_of_the_corpus():
        started = time.process_time()
        for spoken, excerpt in excerpts_of(post, language):
            written += bool(excerpt.short)
            faults += [f"{name}: {fault}" for fault in faults_in(excerpt, spoken)]
            assert len(excerpt.lead) >= len(excerpt.short)
        slowest = max(slowest, time.process_time() - started)
    assert faults == []
    assert written > (1500 if IS_PROOF else 500)
    assert slowest < 1
