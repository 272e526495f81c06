"""The files of the corpus, given to every reader: each is read or refused, and quickly.

The proof takes every file, a short run one of three.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import FeedError, UsageError
from digest.models import Document
from digest.readers.feeds.feed import read_feed
from digest.readers.opml import read_opml
from digest.readers.pages.page import read_page
from digest.readers.pages.picture import make_pictures
from digest.readers.responses.comments import read_comments
from digest.readers.responses.exports import read_export
from digest.readers.responses.wordpress import read_rest
from tests.support.figures import sample

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
URL = "https://base.invalid/2026/post/"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

pytestmark = [
    pytest.mark.long,
    pytest.mark.proof,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of feeds is not here"),
]

#: Every reader of foreign documents, by its job; add a new reader here.
READERS: dict[str, Callable[[bytes], object]] = {
    "comments": lambda body: read_comments(Document(body=body, url=URL), NOW),
    "export": lambda body: read_export(body, "export", NOW),
    "feed": lambda body: read_feed(Document(body=body, url=URL), NOW),
    "opml": lambda body: read_opml(body, "feeds.opml"),
    "page": lambda body: read_page(Document(body=body, url=URL), NOW),
    "page without article": lambda body: read_page(
        Document(body=body, url=URL), NOW, wants_article=False
    ),
    "pictures": lambda body: make_pictures(body, URL),
    "rest": lambda body: read_rest(Document(body=body, url=URL), NOW),
}


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    paths = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    assert len(paths) >= 1450
    paths = sample(paths)
    return {path.relative_to(CORPUS).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("job", sorted(READERS))
def test_every_file_is_read_or_refused_within_two_seconds(
    job: str, documents: dict[str, bytes]
) -> None:
    found = {name: seconds_of(READERS[job], body) for name, body in documents.items()}
    assert {name: seconds for name, seconds in found.items() if seconds > 2} == {}


def seconds_of(reader: Callable[[bytes], object], body: bytes) -> float:
    """Return the processor time of one read; only a refusal may be raised."""
    started = time.process_time()
    with contextlib.suppress(FeedError, UsageError):
        reader(body)
    return time.process_time() - started
