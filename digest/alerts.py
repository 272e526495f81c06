"""Finds the alerts for the operators in facts from the database. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.models import EditionState, FeedFacts, SlotFacts
from digest.text.counted import counted

#: `notices.kind` of every alert.
KIND = "alert"
#: A smaller difference of subscribers is never a jump, however large its share is.
MIN_JUMP = 50
#: Permanent redirects in a row after which a feed counts as moved.
SIGHTINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The facts in which alerts are searched."""

    slots: tuple[SlotFacts, ...]
    feeds: tuple[FeedFacts, ...]
    #: Newsletters whose editions need approval.
    reviewed: frozenset[str]
    #: How long after its slot an unsent edition is reported as late.
    late_after: timedelta
    #: By newsletter and edition: subscribers who get no edition until it is resolved.
    waiting: tuple[tuple[str, int, int], ...] = ()
    #: Names of cadences for people, by newsletter and cadence, where they differ.
    shown: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition that needs the operator."""

    #: Each key is reported once.
    key: str
    #: The first line is the problem, the last one what to do.
    text: str


def find_alerts(situation: Situation, *, now: datetime) -> tuple[Alert, ...]:
    """Return the alerts of a situation; the same situation gives the same keys."""
    return (
        *(alert for slot in situation.slots for alert in _of_slot(slot, situation, now)),
        *_of_feeds(situation.feeds),
        *(alert for feed in situation.feeds for alert in _of_feed(feed)),
        *(_of_waiting(*waiting) for waiting in situation.waiting),
    )


def find_jump(
    subscribers: int, last: int, *, most: float, waiting: int = 0, accepted: int | None = None
) -> str:
    """Return how an audience differs from the last edition's, if too much; else empty.

    Args:
        subscribers: the number of subscribers of this edition.
        last: the number of subscribers of the last edition; 0 if there is none.
        most: the allowed difference, as a share of the number before; a difference of less than
            `MIN_JUMP` is always allowed.
        waiting: the number of those who get no edition until an earlier one is resolved.
        accepted: the number that an editor accepted, which is compared too; None: none was.
    """

    def is_jump(before: int) -> bool:
        # Those who wait are still subscribers, so they are no reason to hold the others' edition.
        # Those of another cadence may wait too, so they only fill the difference.
        present = subscribers + min(waiting, max(0, before - subscribers))
        return MIN_JUMP <= abs(present - before) > most * before

    if not last or not is_jump(last) or (accepted is not None and not is_jump(accepted)):
        return ""
    than = f"{last} last time" if accepted is None else f"{accepted} accepted"
    return f"audience: {counted(subscribers, 'subscriber')}, {than}"


def _of_slot(slot: SlotFacts, situation: Situation, now: datetime) -> Iterator[Alert]:
    cadence = situation.shown.get((slot.newsletter, slot.cadence), slot.cadence)
    name = f"{slot.newsletter} ({cadence}), {slot.local_at.replace('T', ' ')}"
    key = f"{slot.newsletter}/{slot.cadence}/{slot.local_at}"
    number = slot.edition_id
    if slot.edition_state is EditionState.PAUSED:
        text = (
            f"{name}: edition {number} is paused: {slot.paused_reason}\n"
            f"Check it, then run `digest resume {number}` or `digest cancel {number}`."
        )
        yield Alert(key=f"{key}/paused/{slot.paused_reason}", text=text)
    elif _waits(slot, situation) and now >= slot.due_at:
        text = (
            f"{name}: edition {number} waits for approval\n"
            f"Check it with `digest preview {number}`, then run `digest approve {number}`."
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
    # One key for each outage: after a feed could be read in between, it is a new one.
    read = max((feed.read_at for feed in feeds if feed.read_at), default=None)
    since = f"{read:%Y-%m-%dT%H:%M}" if read else "never"
    lines = [f"{feed.url}: {feed.last_error}" for feed in feeds[:10]]
    text = "\n".join(["no feed can be read", *lines, "See `digest status`."])
    yield Alert(key=f"feeds/{since}", text=text)


def _of_feed(feed: FeedFacts) -> Iterator[Alert]:
    if feed.gone_at is not None:
        text = (
            f"{feed.url}: gone for good (HTTP 410); it is no longer read\n"
            "Remove it or change its url; to try it once more, run `digest collect --force`."
        )
        yield Alert(key=f"feed/{_name(feed.url)}/gone/{feed.gone_at:%Y-%m-%dT%H:%M}", text=text)
    # A move within a site is followed automatically, and its count is reset then.
    if feed.moved_seen >= SIGHTINGS:
        text = (
            f"{feed.url}: has moved to {feed.moved_to}, which is another site\n"
            "If this is correct, change its url in the configuration."
        )
        yield Alert(key=f"feed/{_name(feed.url)}/moved/{_name(feed.moved_to)}", text=text)
    if feed.archived:
        text = (
            f"{feed.url}: its site began to list its archive; {counted(feed.archived, 'old post')}"
            " kept, not mailed\n"
            "See `digest compose --explain --all`; `digest compose --include POST` mails one."
        )
        yield Alert(key=f"feed/{_name(feed.url)}/archive", text=text)
    if feed.gap_at is not None:
        text = (
            f"{feed.url}: posts may be missing: on {feed.gap_at:%Y-%m-%d} its document no longer"
            " reached back to a known post, and its site has no older pages that do\n"
            "Look at the site for posts that are in no mail; read the feed more often (`interval`)."
        )
        # At most one a week, because a busy feed may have a gap at each reading.
        yield Alert(key=f"feed/{_name(feed.url)}/gap/{feed.gap_at:%G-W%V}", text=text)


def _of_waiting(newsletter: str, edition_id: int, subscribers: int) -> Alert:
    whose = "Its subscriber gets" if subscribers == 1 else "Their subscribers get"
    text = (
        f"{newsletter}: the relay never answered {counted(subscribers, 'mail')} of edition"
        f" {edition_id}\n"
        f"{whose} no edition until you run `digest resolve {edition_id}`;"
        f" see `digest status {edition_id}`."
    )
    return Alert(key=f"{newsletter}/edition {edition_id}/unknown", text=text)


def _name(url: str) -> str:
    """Return a short key for an address of any length."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
