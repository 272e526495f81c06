"""Makes a thousand feeds for `collect`: from real documents if available, else from invented ones.

Each copy of a real document gets its own host names: the hosts of the posts' links are replaced by
hosts that no other feed has (`h0.feed7.example`, which does not exist).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import feedparser

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "feeds"
SMALLEST, LARGEST = 10_000, 600_000
#: The faults; one feed in ten has one, each fault equally often.
FAULTS = (
    "missing",
    "broken",
    "gone",
    "garbage",
    "truncated",
    "page",
    "slow",
    "damaged",
    "circle",
    "refused",
)
#: The kinds that are read as a feed; the empty one has no fault.
READABLE = ("", "slow", "truncated")
_WORDS = """harbour ship quay lantern market council winter bridge letter window garden stone
river answer morning paper evening number captain island""".split()  # noqa: SIM905


def fault_of(number: int) -> str:
    """Return the fault of the feed with that number; empty if it has none."""
    return FAULTS[number // 10 % len(FAULTS)] if number % 10 == 9 else ""


def write_papers(folder: Path, count: int) -> str:
    """Write `count` feeds, plain and compressed; return a description of their documents."""
    documents = tuple(_real()) or tuple(_invented())
    for number in range(count):
        body = documents[number % len(documents)](number)
        if fault_of(number) == "truncated":
            body = body[: len(body) * 2 // 3]
        (folder / f"{number}.xml").write_bytes(body)
        (folder / f"{number}.gz").write_bytes(gzip.compress(body, 5))
    kind = "real" if CORPUS.is_dir() else "invented"
    return f"{len(documents)} {kind} documents"


def _real() -> Iterator[partial[bytes]]:
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and SMALLEST <= path.stat().st_size <= LARGEST:
            body = path.read_bytes()
            entries = feedparser.parse(io.BytesIO(body)).entries
            hosts = {
                urlsplit(entry.get(name, "")).netloc.encode()
                for entry in entries
                for name in ("link", "id")
                if "://" in entry.get(name, "")
            }
            if hosts:
                yield partial(_renamed, body, tuple(sorted(hosts)))


def _renamed(body: bytes, hosts: tuple[bytes, ...], number: int) -> bytes:
    for at, host in enumerate(hosts):
        body = body.replace(b"//" + host + b"/", f"//h{at}.feed{number}.example/".encode())
    return body


def _invented() -> Iterator[partial[bytes]]:
    """Yield makers of feeds of realistic sizes: from 10 to 599 KB, half of them under 50 KB."""
    random = Random(1)
    for _ in range(100):
        size = int(SMALLEST * (LARGEST / SMALLEST) ** (random.random() ** 2))
        yield partial(_invent, size)


def _invent(size: int, number: int) -> bytes:
    random = Random(number)
    posts: list[str] = []
    room = size
    while room > 0:
        posts.append(_post(random, number, len(posts)))
        room -= len(posts[-1])
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Paper {number}</title><link>https://feed{number}.example/</link>"
        f"{''.join(posts)}</channel></rss>"
    ).encode()


def _post(random: Random, feed: int, number: int) -> str:
    link = f"https://feed{feed}.example/{number}"
    paragraphs = "".join(
        f'<p>{_prose(random)} <a href="{link}/more">{random.choice(_WORDS)}</a>.</p>\n'
        for _ in range(random.randint(2, 16))
    )
    date = format_datetime(datetime(2026, 6, 1, tzinfo=UTC) - timedelta(days=number))
    return (
        f"<item><title>{_prose(random)[:60]}</title><link>{link}</link>"
        f"<guid>{link}</guid><pubDate>{date}</pubDate><dc:creator>Anna</dc:creator>"
        f"<category>{random.choice(_WORDS)}</category>"
        f"<description><![CDATA[{_prose(random)}]]></description>"
        f'<content:encoded><![CDATA[<img src="{link}.jpg" alt="">{paragraphs}]]></content:encoded>'
        "</item>\n"
    )


def _prose(random: Random) -> str:
    return " ".join(random.choices(_WORDS, k=random.randint(30, 60)))
