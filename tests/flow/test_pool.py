from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.errors import FeedError
from digest.models import Document
from digest.readers.parsing.pool import ParserPool
from tests.support.parsed import NOW
from tests.support.pictures import a_photo, written
from tests.support.workers import needs_proc, worker_pids

pytestmark = pytest.mark.anyio

DATA = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://harbour.example/feed/"
FEED = (DATA / "harbour.xml").read_bytes()

_BOLD = "".join(f"<b a={number}>" for number in range(90))
#: Small and well formed, but takes an HTML parser many seconds.
_HTML = f"<p>{_BOLD}{'<p>x' * 60_000}"
_ITEM = f"<item><title>x</title><description><![CDATA[{_HTML}]]></description></item>"
SLOW = f"<rss version='2.0'><channel>{_ITEM * 9}</channel></rss>".encode()


async def test_feeds_and_comments_are_read_in_other_processes() -> None:
    async with ParserPool(workers=1) as pool:
        feed = await pool.read_feed(Document(body=FEED, url=URL), NOW)
        comments = await pool.read_comments(
            Document(body=(DATA / "comments.xml").read_bytes(), url=URL), NOW
        )
    assert feed.posts[0].title == "The ship’s “last” voyage"
    assert len(comments.comments) == 3


async def test_pages_and_pictures_are_read_there_too() -> None:
    words = "The old ferry left the harbour at dusk, and nobody had thought that it would." * 9
    page = f"<html><body><article><p>{words}</p></article></body></html>".encode()
    async with ParserPool(workers=1) as pool:
        whole = await pool.read_page(Document(body=page, url=URL), NOW)
        bare = await pool.read_page(Document(body=page, url=URL), NOW, wants_article=False)
        made = await pool.make_pictures(written(a_photo(600, 400)), URL)
        with pytest.raises(FeedError, match="not a JPEG, PNG"):
            await pool.make_pictures(page, URL)
    assert "left the harbour at dusk" in whole.content_html
    assert bare.content_html == ""
    assert [(each.width, each.height) for each in made] == [(600, 300), (320, 240)]


async def test_refusals_come_back_as_they_are() -> None:
    async with ParserPool(workers=1) as pool:
        with pytest.raises(FeedError, match="document is empty") as caught:
            await pool.read_feed(Document(body=b"", url=URL), NOW)
    assert caught.value.url == URL
    assert caught.value.transient


async def test_a_document_that_takes_too_long_fails_alone() -> None:
    async with ParserPool(workers=1, deadline_s=1) as pool:
        await pool.read_feed(Document(body=FEED, url=URL), NOW)
        started = time.monotonic()
        with pytest.raises(FeedError, match="more than 1 s"):
            await pool.read_feed(Document(body=SLOW, url=URL), NOW)
        assert time.monotonic() - started < 30
        assert (await pool.read_feed(Document(body=FEED, url=URL), NOW)).posts


async def test_a_document_that_was_given_up_is_not_parsed_again() -> None:
    async with ParserPool(workers=1, deadline_s=2) as pool:
        # On a busy machine the process itself may end before its time is up.
        with pytest.raises(FeedError, match=r"more than 2 s|crashed"):
            await pool.read_feed(Document(body=SLOW, url=URL), NOW)
        started = time.monotonic()
        with pytest.raises(FeedError, match=r"feed/2.*(more than 2 s|crashed)"):
            await pool.read_feed(Document(body=SLOW, url=f"{URL}2"), NOW)
        assert time.monotonic() - started < 1.8
        assert (await pool.read_feed(Document(body=FEED, url=URL), NOW)).posts


async def test_more_documents_than_workers_wait_their_turn() -> None:
    async with ParserPool(workers=2) as pool:
        feeds = await asyncio.gather(
            *(pool.read_feed(Document(body=FEED, url=URL), NOW) for _ in range(20))
        )
    assert len(feeds) == 20


async def test_a_cancelled_reading_leaves_the_pool_in_order() -> None:
    async with ParserPool(workers=1) as pool:
        reading = asyncio.ensure_future(pool.read_feed(Document(body=SLOW, url=URL), NOW))
        await asyncio.sleep(0.5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert (await pool.read_feed(Document(body=FEED, url=URL), NOW)).title == "Harbour & News"


@needs_proc
async def test_a_worker_that_dies_fails_one_document() -> None:
    async with ParserPool(workers=1) as pool:
        await pool.read_feed(Document(body=FEED, url=URL), NOW)
        (worker,) = worker_pids()
        reading = asyncio.ensure_future(pool.read_feed(Document(body=SLOW, url=URL), NOW))
        await asyncio.sleep(0.2)
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(FeedError, match="crashed"):
            await reading
        assert (await pool.read_feed(Document(body=FEED, url=URL), NOW)).posts


_PARENT = """
import asyncio, pathlib, sys
from datetime import UTC, datetime
from digest.models import Document
from digest.readers.parsing.pool import ParserPool
from tests.support.workers import worker_pids

async def main():
    async with ParserPool(workers=2) as pool:
        body, now = pathlib.Path(sys.argv[1]).read_bytes(), datetime(2026, 11, 23, tzinfo=UTC)
        await pool.read_feed(Document(body=body, url="https://harbour.example/"), now)
        print(*worker_pids(), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@needs_proc
def test_workers_end_when_their_parent_is_killed() -> None:
    arguments = (sys.executable, "-c", _PARENT, str(DATA / "harbour.xml"))
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert workers
    deadline = time.monotonic() + 60
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, workers))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"  # ended, and not yet waited for


@needs_proc
def test_workers_hold_no_secret_and_write_nothing() -> None:
    secret = {"DIGEST_SMTP__PASSWORD": "hush-hush"}
    arguments = (sys.executable, "-c", _PARENT, str(DATA / "harbour.xml"))
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env=os.environ | secret
    ) as parent:
        assert parent.stdout
        (worker,) = parent.stdout.readline().split()
        environment = Path(f"/proc/{worker}/environ").read_bytes()
        limits = Path(f"/proc/{worker}/limits").read_text().splitlines()
        parent.kill()
    named = {line.partition(b"=")[0] for line in environment.split(b"\0") if line}
    assert all(name.startswith((b"PYTHON", b"LD_LIBRARY_PATH")) for name in named)
    assert b"hush" not in environment
    soft = {line[:26].strip(): line[26:].split()[0] for line in limits}
    assert (soft["Max file size"], soft["Max core file size"]) == ("0", "0")
    assert soft["Max address space"] == str(1 << 30)
    assert 5 <= int(soft["Max cpu time"]) <= 10


async def test_a_document_that_keeps_the_processor_busy_ends_its_process_in_five_seconds() -> None:
    async with ParserPool(workers=1, deadline_s=60) as pool:
        await pool.read_feed(Document(body=FEED, url=URL), NOW)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with pytest.raises(FeedError, match="crashed; skipped"):
            await pool.read_feed(Document(body=SLOW, url=URL), NOW)
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime <= 8
        assert (await pool.read_feed(Document(body=FEED, url=URL), NOW)).posts
