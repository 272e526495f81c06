"""Which alerts a situation gives: pure, from what the database knows and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import EditionState, FeedFacts, SlotFacts

#: `notices.kind` of everything told from here.
KIND = "alert"
#: A smaller difference of audiences is no jump, whatever its share.
MIN_JUMP = 50
#: Permanent redirects in a row after which a move of a feed is believed.
SIGHTINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is looked at."""

    slots: tuple[SlotFacts, ...]
    feeds: tuple[FeedFacts, ...]
    #: Newsletters whose editions wait for approval.
    reviewed: frozenset[str]
    #: How long after its slot an edition that is not out is told.
    late_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that needs a person."""

    #: The same key is told once.
    key: str
    #: The first line says what; the second what to do.
    text: str


def find_alerts(situation: Situation, *, now: datetime) -> tuple[Alert, ...]:
    """Give what needs a person now; the same situation gives the same keys."""
    return (
        *(alert for slot in situation.slots for alert in _of_slot(slot, situation, now)),
        *_of_feeds(situation.feeds),
        *(alert for feed in situation.feeds for alert in _of_feed(feed)),
    )


def find_jump(subscribers: int, last: int, *, most: float) -> str:
    """Say how an audience differs from the last edition's where that is too much; empty: it is not.

    Args:
        subscribers: who would get a mail now.
        last: who got one last time; 0 before the first.
        most: the share of `last` by which it may differ; less than `MIN_JUMP` subscribers always
        may.
    """
    difference = abs(subscribers - last)
    if not last or difference < MIN_JUMP or difference <= most * last:
        return ""
    return f"audience: {subscribers} subscribers, {last} last time"


def _of_slot(slot: SlotFacts, situation: Situation, now: datetime) -> Iterator[Alert]:
    name = f"{slot.newsletter} ({slot.cadence}), {slot.local_at.replace('T', ' ')}"
    key = f"{slot.newsletter}/{slot.cadence}/{slot.local_at}"
    number = slot.edition_id
    if slot.state == "missed":
        text = f"{name}: no edition was sent\nIts posts come with the next one."
        yield Alert(key=f"{key}/missed", text=text)
    elif slot.edition_state is EditionState.PAUSED:
        text = (
            f"{name}: edition {number} is paused: {slot.paused_reason}\n"
            f"Look at it, then run `digest resume {number}` or `digest cancel {number}`."
        )
        yield Alert(key=f"{key}/paused/{slot.paused_reason}", text=text)
    elif _waits(slot, situation) and now >= slot.due_at:
        text = (
            f"{name}: edition {number} waits for approval\n"
            f"Look at it with `digest preview {number}`, then run `digest approve {number}`."
        )
        yield Alert(key=f"{key}/approval", text=text)
    elif _is_late(slot) and now >= slot.due_at + situation.late_after:
        text = f"{name}: the edition is not out yet\nSee `digest status` and `digest plan`."
        yield Alert(key=f"{key}/late", text=text)


def _waits(slot: SlotFacts, situation: Situation) -> bool:
    return slot.newsletter in situation.reviewed and slot.edition_state is EditionState.DRAFT


def _is_late(slot: SlotFacts) -> bool:
    is_expected = slot.state in ("due", "composed", "feeds_down")
    return is_expected and not slot.is_out and slot.edition_state is not EditionState.FINISHED


def _of_feeds(feeds: tuple[FeedFacts, ...]) -> Iterator[Alert]:
    if not feeds or not all(feed.failures for feed in feeds):
        return
    # One key an outage: a feed that is read again in between begins another.
    read = max((feed.read_at for feed in feeds if feed.read_at), default=None)
    since = f"{read:%Y-%m-%dT%H:%M}" if read else "never"
    lines = [f"{feed.url}: {feed.last_error}" for feed in feeds[:10]]
    text = "\n".join(["no feed can be read", *lines, "See `digest status`."])
    yield Alert(key=f"feeds/{since}", text=text)


def _of_feed(feed: FeedFacts) -> Iterator[Alert]:
    if feed.gone_at is not None:
        text = (
            f"{feed.url}: gone for good, says its server (HTTP 410); it is not asked any more\n"
            "Take it out or change its url; `digest collect --force` asks it once more."
        )
        yield Alert(key=f"feed/{_name(feed.url)}/gone/{feed.gone_at:%Y-%m-%dT%H:%M}", text=text)
    # A move within its site is followed by itself, and forgotten once it is.
    if feed.moved_seen >= SIGHTINGS:
        text = (
            f"{feed.url}: has moved to {feed.moved_to}, which is another site\n"
            "If that is right, change its url."
        )
        yield Alert(key=f"feed/{_name(feed.url)}/moved/{_name(feed.moved_to)}", text=text)


def _name(url: str) -> str:
    """Give a key of an address that fits whatever its length."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
