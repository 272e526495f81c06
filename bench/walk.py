"""Lists the files in which a function runs on the way of one post from bytes to mail.

A feed with one post and a feed with its one comment are read and stored; an edition is composed and
frozen for one subscriber; the message of the one delivery is built. All this happens in one
process, with a profiler on every thread. A file counts if one of its functions was called after
its import; code that runs during the import, and files with only types, do not count.

The following is not measured: reading the configuration, importing the subscriber, fetching, the
parser processes (their functions are called directly) and SMTP. `python -m bench.walk` prints the
files.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from digest.app import App
from digest.app.composing import audience_of, rules_of, schedules_of
from digest.app.printing import letter_writer_of
from digest.app.sources import feed_sources
from digest.models import (
    Delivery,
    Fetched,
    Message,
    ParsedComments,
    ParsedFeed,
    ParsedPage,
    StoredEdition,
    Validators,
)
from digest.pipeline.collect import collect
from digest.pipeline.compose import compose
from digest.pipeline.deliver import message_builder
from digest.pipeline.freeze import freeze
from digest.readers.feeds.feed import read_feed
from digest.readers.responses.comments import read_comments
from digest.scheduler.slots import next_slot
from digest.store import claims, editions
from tests.support.project import Project

ROOT = Path(__file__).parents[1]
PACKAGES = ("digest", "subscribers")

_NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
_BASE = "https://hill.example.org"
_FEED = f"{_BASE}/feed"
_COMMENTS = f"{_BASE}/bridge/feed"
_TEXT = (
    "The council met in the old hall on Tuesday and agreed to mend the bridge before winter. "
    "Two engineers had measured the northern pier, which has sunk by four inches since spring. "
    "Work begins in the first week of October and will take nine weeks if the river stays low. "
)
_POST = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel>
<title>The Hill Paper</title><link>{_BASE}/</link><description>News of the hill</description><item>
<title>The bridge will be mended before winter</title><link>{_BASE}/bridge/</link>
<guid isPermaLink="false">bridge</guid><dc:creator>Ann Miller</dc:creator>
<category>News</category><pubDate>Fri, 20 Nov 2026 09:00:00 +0000</pubDate>
<description>{_TEXT}</description><content:encoded><![CDATA[<p><img src="{_BASE}/bridge.jpg"
 alt="The bridge" width="1200" height="800"></p>{f"<p>{_TEXT}</p>" * 5}]]></content:encoded>
<wfw:commentRss>{_COMMENTS}</wfw:commentRss><slash:comments>1</slash:comments>
</item></channel></rss>"""
_COMMENT = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Comments on: The bridge will be mended before winter</title><link>{_BASE}/bridge/</link>
<description>Comments</description><item><title>By: Tom Reed</title>
<link>{_BASE}/bridge/#comment-1</link><guid isPermaLink="false">{_BASE}/?p=1#comment-1</guid>
<dc:creator>Tom Reed</dc:creator><pubDate>Sat, 21 Nov 2026 10:00:00 +0000</pubDate>
<description>I crossed the bridge every day for thirty years, and the northern pier already leaned
 when my father showed it to me in 1988. Nine weeks is short for that work in wet ground.
</description></item></channel></rss>"""
_DOCUMENTS = {_FEED: _POST.encode(), _COMMENTS: _COMMENT.encode()}


def walk() -> dict[str, list[str]]:
    """Return the files of each step, measured in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.walk", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    steps: dict[str, list[str]] = json.loads(done.stdout)
    return steps


def files_of(steps: dict[str, list[str]]) -> list[str]:
    """Return the files of all steps, each once."""
    return sorted(set().union(*steps.values()))


class _Footprints:
    """Records the project's files in which functions run, by step."""

    def __init__(self) -> None:
        self.steps: defaultdict[str, set[str]] = defaultdict(set)
        self._step = ""
        self._ours: dict[str, str] = {}

    @contextmanager
    def during(self, step: str) -> Iterator[None]:
        """Record the files during the block, on this thread and every thread started in it."""
        self._step = step
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            self._step = ""

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        step = self._step
        if event != "call" or not step:
            return
        file = self._file_of(frame.f_code.co_filename)
        if file and file not in self.steps[step] and not _is_importing(frame):
            self.steps[step].add(file)

    def _file_of(self, path: str) -> str:
        if path not in self._ours:
            place = Path(path)
            inside = place.relative_to(ROOT) if place.is_relative_to(ROOT) else Path()
            self._ours[path] = str(inside) if inside.parts[:1] in {(p,) for p in PACKAGES} else ""
        return self._ours[path]


def _is_importing(frame: FrameType | None) -> bool:
    """Whether the frame runs during an import."""
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


class _Site:
    """A fetcher that returns the documents without network access."""

    async def get(
        self,
        url: str,
        validators: Validators,
        *,
        named_by: str = "",  # noqa: ARG002 - part of the protocol
        json: bytes | None = None,  # noqa: ARG002 - part of the protocol
    ) -> Fetched:
        return Fetched(
            url=url,
            status=200,
            body=_DOCUMENTS[url],
            content_type="application/rss+xml",
            validators=validators,
        )


class _Parsers:
    """Parsers that run in this process, with the functions that the parser processes call."""

    async def read_feed(self, *document: Any) -> ParsedFeed:
        return read_feed(*document)

    async def read_comments(self, *document: Any) -> ParsedComments:
        return read_comments(*document)

    async def read_rest(self, *_document: Any) -> ParsedComments:
        raise AssertionError("the feed names its comments")

    async def read_system(self, *_document: Any) -> ParsedComments:
        raise AssertionError("the feed names its comments")

    async def read_page(self, *_document: Any, wants_article: bool = True) -> ParsedPage:
        raise AssertionError(f"the feed carries the whole post; {wants_article=}")


def _walk_here() -> _Footprints:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write_config(feed_url=_FEED, smtp_port=9)
        project.add_subscribers(1)
        seen, app = _Footprints(), App.load(project.config)
        _check(_write_mail(app, seen))
        app.database.close()
    return seen


def _write_mail(app: App, seen: _Footprints) -> Message:
    newsletter = app.newsletter()
    rules, schedule = rules_of(app.config, newsletter), schedules_of(newsletter)["weekly"]
    writer = letter_writer_of(app, newsletter)
    with seen.during("collect"):
        report = asyncio.run(
            collect(app.database, _Site(), _Parsers(), feed_sources(app.config), now=_NOW)
        )
    assert [(feed.new, feed.new_comments, feed.problems) for feed in report.feeds] == [(1, 1, ())]
    with seen.during("compose"):
        slot = next_slot(schedule, ZoneInfo("UTC"), after=_NOW)
        draft = compose(app.database, rules, schedule, now=_NOW, slot=slot)
    stored = _stored(app, draft.edition_id)
    audience = audience_of(app.config, newsletter, stored.cadence, stored.local_at)
    with seen.during("freeze"):
        freeze(app.database, stored, writer, audience, keys=app.keys, now=_NOW)
    stored = _stored(app, draft.edition_id)
    with seen.during("deliver"):
        build = message_builder(app.database, stored, writer.identity, keys=app.keys)
        return build(_claimed(app, stored.id))


def _stored(app: App, edition_id: int | None) -> StoredEdition:
    assert edition_id is not None
    with app.database.read() as connection:
        stored = editions.get_edition(connection, edition_id)
    assert stored is not None
    return stored


def _claimed(app: App, edition_id: int) -> Delivery:
    with app.database.write() as connection:
        claim = claims.claim_due(connection, edition_id, "worker", now=_NOW)
    (delivery,) = claim.deliveries
    return delivery


def _check(message: Message) -> None:
    """Check that the post and the comment are in the mail."""
    for words in (b"The bridge will be mended", b"Tom Reed"):
        assert words in message.content, words


if __name__ == "__main__":
    found = {step: sorted(files) for step, files in _walk_here().steps.items()}
    print(json.dumps(found) if "--json" in sys.argv else "\n".join(files_of(found)))
