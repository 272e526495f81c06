"""The guarantees of every reader of foreign bytes, and the table of readers.

A target takes any bytes and fails if a guarantee is broken. The same targets get bytes generated
by hypothesis, earlier findings, and with `make fuzz` inputs that reach new code.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.errors import FeedError, UsageError
from digest.models import Document
from digest.readers.feeds.charset import decode
from digest.readers.feeds.dates import parse_date
from digest.readers.feeds.feed import read_feed
from digest.readers.opml import read_opml
from digest.readers.pages.markup import decode_page
from digest.readers.pages.page import read_page
from digest.readers.pages.picture import make_pictures
from digest.readers.responses.comments import read_comments
from digest.readers.responses.exports import read_export
from digest.readers.responses.wordpress import read_rest
from digest.readers.responses.writtendates import read_written_date
from digest.text.html import clean_html, html_to_text, limit_depth, plain_line
from digest.text.links import http_url, url_key
from digest.text.sentences import is_paired, split_sentences
from digest.text.shortcodes import strip_shortcodes

# Import now what the article reader would import in the time of its first page.
import_module("trafilatura")

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://harbour.example/feed/"
DATA = Path(__file__).parents[1] / "data"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FINDINGS = DATA / "fuzz"
#: Limit of processor time in seconds for one input.
MAX_SECONDS = 2

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINES = frozenset({"title", "author", "image_alt", "post_title"})


def hold(value: Any, name: str = "") -> None:
    """Fail where a part of a reader's result breaks what its name promises."""
    if is_dataclass(value):
        for field in fields(value):
            hold(getattr(value, field.name), field.name)
    elif isinstance(value, tuple | list):
        for each in value:
            hold(each, name)
    elif isinstance(value, datetime):
        assert value.utcoffset() == timedelta(), name
        # A post dated ahead waits for its day, for sixty days at most.
        ahead = timedelta(days=60) if name == "published_at" else timedelta(hours=1)
        assert value <= NOW + ahead, name
    elif isinstance(value, str):
        _hold_text(value, name)


def _hold_text(value: str, name: str) -> None:
    # Both databases accept these texts.
    assert not re.search(r"[\0\ud800-\udfff]", value), name
    if name == "url" or name.endswith("_url"):
        assert value in {"", http_url(value)}, (name, value)
    if name in _LINES:
        assert not _UNSEEN.search(value), (name, value)
        assert value == " ".join(value.split()), (name, value)
    if name == "text":
        assert not _UNSEEN.search(value), value
    if name.endswith("_html"):
        assert clean_html(value, URL) == value


def _of_text(check: Callable[[str], None]) -> Callable[[bytes], None]:
    """Return a target for bytes; bytes that are not UTF-8 become lone surrogates."""
    return lambda body: check(body.decode("utf-8", "surrogateescape"))


def _feed(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        hold(read_feed(Document(body=body, url=URL), NOW))


def _comments(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        hold(read_comments(Document(body=body, url=URL), NOW))


def _page(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        hold(read_page(Document(body=body, url=URL, content_type="text/html"), NOW))


def _page_alone(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        page = read_page(
            Document(body=body, url=URL, content_type="text/html"), NOW, wants_article=False
        )
        assert page.content_html == ""
        hold(page)


def _rest(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        hold(read_rest(Document(body=body, url=URL, content_type="application/json"), NOW))


def _export(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        hold(read_export(body, "export", NOW))


def _opml(body: bytes) -> None:
    with contextlib.suppress(UsageError):
        hold(read_opml(body, "feeds.opml"))


def _picture(body: bytes) -> None:
    with contextlib.suppress(FeedError):
        for picture in make_pictures(body, URL):
            assert picture.content.startswith((b"\xff\xd8", b"\x89PNG"))
            assert min(picture.width, picture.height) > 0


def _charset(body: bytes) -> None:
    for text in (decode(body).text, decode_page(body, "text/html")):
        assert text.encode("utf-8").decode("utf-8") == text


def _clean(text: str) -> None:
    cleaned = clean_html(text, URL)
    assert clean_html(cleaned, URL) == cleaned
    hold(cleaned, "content_html")


def _plain(text: str) -> None:
    hold(html_to_text(text), "text")
    hold(plain_line(text), "title")


def _date(text: str) -> None:
    hold(parse_date(text, now=NOW))
    hold(read_written_date(text, "en", now=NOW))


def _link(text: str) -> None:
    link = http_url(text, URL)
    hold(link, "url")
    key = url_key(link)
    assert url_key(key, keep_fragment=True) == key
    whole = url_key(link, keep_fragment=True)
    assert url_key(whole, keep_fragment=True) == whole


def _shortcodes(text: str) -> None:
    assert len(strip_shortcodes(text)) <= len(text)


def _sentences(text: str) -> None:
    pieces = split_sentences(html_to_text(text), "en")
    assert all(piece == piece.strip() and piece for piece in pieces)


def _excerpt(text: str) -> None:
    content = read_text(clean_html(text, URL))
    excerpt = write_excerpt("", content, "A title", "en")
    assert len(excerpt.lead) >= len(excerpt.short)
    hold((excerpt.short, excerpt.lead), "title")
    assert is_paired(excerpt.short), excerpt.short


def _nesting(text: str) -> None:
    flat = limit_depth(text)
    assert len(flat) <= len(text)


#: By name; a new reader is one more line.
TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": _feed,
    "comments": _comments,
    "page": _page,
    "page-alone": _page_alone,
    "rest": _rest,
    "export": _export,
    "opml": _opml,
    "picture": _picture,
    "charset": _charset,
    "clean": _of_text(_clean),
    "plain": _of_text(_plain),
    "dates": _of_text(_date),
    "links": _of_text(_link),
    "shortcodes": _of_text(_shortcodes),
    "sentences": _of_text(_sentences),
    "excerpt": _of_text(_excerpt),
    "nesting": _of_text(_nesting),
}

#: The folder of a target's first inputs, below the tests' data or the corpus; else the feeds.
_PAGES = ("comments", "pages-with-comments", "pages-articles")
_SEEDS = {
    "page": _PAGES,
    "page-alone": _PAGES,
    "comments": ("comments", "feeds"),
    "rest": ("comments", "wp-rest"),
    "export": ("comments", "wxr"),
    "picture": ("letter",),
}


def check(name: str, body: bytes) -> None:
    """Run a target and fail if it exceeds its time."""
    started = time.process_time()
    TARGETS[name](body)
    spent = time.process_time() - started
    assert spent < MAX_SECONDS, f"{name}: {spent:.1f} s"


def seeds(name: str) -> list[Path]:
    """Return the files that a target starts from."""
    names = dict.fromkeys(("feeds", *_SEEDS.get(name, ("feeds",))))
    folders = (FINDINGS, *(root / each for each in names for root in (DATA, CORPUS)))
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
