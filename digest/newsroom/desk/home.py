"""Reads the first page: open matters, the next editions, the last edition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.models import EditionState, FeedFacts, Slot, SlotFacts
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.desk.coming import Coming, read_coming
from digest.newsroom.desk.listing import read_rows
from digest.newsroom.desk.rows import EditionHead, EditionRow
from digest.store import desk_list
from digest.store.audit import entries_of
from digest.store.desk_list import DeskEdition
from digest.store.engine import Connection
from digest.store.feeds import feed_facts
from digest.store.slots import recent_slots
from digest.store.waiting import Waiting, count_waiting
from digest.text.counted import counted

#: What may have happened to the approval of a draft, as the history names it.
_ABOUT_APPROVAL = ("approve", "void approval", "withdraw approval")
#: Missed slots are shown for a week.
_LOOK_BACK = timedelta(days=7)
_COMING_WEEKS = 4
_MOST_COMING = 5
#: Failures in a row after which a feed needs a person.
_FAILURES = 2


class Weight(StrEnum):
    """The weight of a matter."""

    #: Mails do not go out.
    BAD = "bad"
    #: Something waits for a person.
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One matter that needs a person now."""

    weight: Weight
    text: str
    #: The time until which it can wait; None if it has none.
    until: datetime | None = None
    #: The zone of `until`: IANA name; empty for UTC.
    timezone: str = ""
    #: The page on which it is done, and the words of the link.
    path: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The first page."""

    #: The most important one first.
    needs: tuple[Need, ...]
    coming: Coming
    #: The last finished edition of each newsletter.
    last: tuple[EditionRow, ...]


def read_home(context: RunContext) -> Home:
    """Return the first page.

    Raises:
        StoreError: the database cannot be used.
    """
    now = context.clock()
    names = tuple(each.name for each in context.newsletters)
    urls = tuple(source.url for source in context.sources)
    coming = read_coming(context, weeks=_COMING_WEEKS)
    with context.database.read() as connection:
        opened = read_rows(context, connection, found := desk_list.list_open(connection))
        last = read_rows(context, connection, desk_list.last_finished(connection, names))
        slots = recent_slots(connection, names, since=now - _LOOK_BACK)
        needs = [
            *(
                Need(weight=Weight.BAD, text=line, path="/plan", action="See the plan")
                for line in coming.blocked
            ),
            *_of_editions(context, connection, found, opened, now),
            *(need for slot in slots if (need := _of_slot(context, slot, now))),
            *map(_of_waiting, count_waiting(connection)),
            *_of_unknown(last),
            *_of_feeds(feed_facts(connection, urls), now),
        ]
    shown = Coming(
        editions=coming.editions[:_MOST_COMING], blocked=coming.blocked, weeks=coming.weeks
    )
    return Home(
        needs=tuple(sorted(needs, key=lambda need: need.weight != Weight.BAD)),
        coming=shown,
        last=last,
    )


# --- editions -----------------------------------------------------------------------------------


def _of_editions(
    context: RunContext,
    connection: Connection,
    found: tuple[DeskEdition, ...],
    rows: tuple[EditionRow, ...],
    now: datetime,
) -> Iterator[Need]:
    reviewed = {each.name: each for each in context.newsletters if each.is_reviewed}
    for each, row in zip(found, rows, strict=True):
        head, page = row.head, f"/editions/{each.id}"
        name = name_of(head)
        if row.error_count and not head.is_frozen:
            found_errors = counted(row.error_count, "finding")
            verb = "blocks" if row.error_count == 1 else "block"
            yield Need(
                weight=Weight.BAD,
                text=f"{name}: {found_errors} {verb} it",
                path=f"{page}/preview",
                action="See the findings",
            )
        if each.state is EditionState.PAUSED:
            yield Need(
                weight=Weight.BAD,
                text=f"{name} is paused: {each.paused_reason}",
                path=f"{page}/sending",
                action="Look at it",
            )
        elif each.state is EditionState.DRAFT and each.newsletter in reviewed:
            yield Need(
                weight=Weight.WARN if each.due_at > now else Weight.BAD,
                text=f"{name} waits for {_approval(connection, each.id)}",
                until=_last_approval(reviewed[each.newsletter], each),
                timezone=head.timezone,
                path=f"{page}/approve",
                action="Look and approve",
            )
        elif each.state is EditionState.SENDING and each.last_error:
            yield Need(
                weight=Weight.BAD,
                text=f"{name}: the relay does not take its mails: {each.last_error}",
                path=f"{page}/sending",
                action="See the sending",
            )


def _last_approval(owner: NewsletterContext, draft: DeskEdition) -> datetime | None:
    """Return until when a draft may be approved; None if it has no hour."""
    known = [each.name for each in owner.cadences]
    if draft.is_extra or draft.cadence not in known:
        return None
    slot = Slot(local_at=draft.local_at, due_at=draft.due_at)
    return owner.cadence(draft.cadence).settings.approve_until(slot)


def _approval(connection: Connection, edition_id: int) -> str:
    """Return what a draft waits for: its first approval, or one instead of a void one."""
    actions = [each.action for each in entries_of(connection, edition_id)]
    last = next((each for each in reversed(actions) if each in _ABOUT_APPROVAL), "")
    if last in ("approve", "void approval"):
        return "another approval: it changed after the last one, which is void"
    return "approval"


def name_of(head: EditionHead) -> str:
    """Return the name of an edition for people, such as `Heritage No. 12`."""
    return f"{head.newsletter} No. {head.number}"


# --- slots, deliveries, feeds -------------------------------------------------------------------


def _of_slot(context: RunContext, slot: SlotFacts, now: datetime) -> Need | None:
    if slot.due_at > now:
        return None
    owner = context.newsletter_of(slot.newsletter)
    name = f"{owner.title} ({slot.cadence}), {slot.local_at.replace('T', ' ')}"
    if slot.state == "missed" and slot.edition_id is None:
        text = f"{name}: no edition was sent; its posts go into the next one"
        return Need(weight=Weight.WARN, text=text, path="/plan", action="See the plan")
    if slot.state == "feeds_down":
        text = f"{name}: no edition, because no feed could be read"
        return Need(weight=Weight.BAD, text=text, path="/feeds", action="See the feeds")
    is_expected = slot.state in ("due", "composed") and not slot.is_out
    is_late = is_expected and now >= slot.due_at + context.alerts.late_after
    waits = slot.edition_state in (EditionState.DRAFT, EditionState.PAUSED, EditionState.FINISHED)
    if not is_late or waits or (owner.is_reviewed and slot.edition_id is None):
        return None
    path = f"/editions/{slot.edition_id}" if slot.edition_id else "/plan"
    return Need(
        weight=Weight.BAD,
        text=f"{name}: the edition is not out yet; `digest run` may not be running",
        path=path,
        action="Look at it",
    )


def _of_waiting(waiting: Waiting) -> Need:
    who = counted(waiting.subscribers, "subscriber")
    gets = "gets" if waiting.subscribers == 1 else "get"
    return Need(
        weight=Weight.BAD,
        text=f"{who} {gets} no edition until the unknown mails of edition"
        f" {waiting.edition_id} are settled",
        path=f"/editions/{waiting.edition_id}/sending",
        action="Settle them",
    )


def _of_unknown(last: tuple[EditionRow, ...]) -> Iterator[Need]:
    for row in last:
        if unknown := dict(row.outcomes).get("unknown", 0):
            yield Need(
                weight=Weight.WARN,
                text=f"{name_of(row.head)}: {counted(unknown, 'mail')} unknown; the relay never"
                " answered",
                path=f"/editions/{row.head.id}/sending",
                action="Settle them",
            )


def _of_feeds(facts: tuple[FeedFacts, ...], now: datetime) -> Iterator[Need]:
    bad = [each for each in facts if each.gone_at or each.failures >= _FAILURES]
    if bad:
        text = (
            f"{counted(len(bad), 'feed')} cannot be read: {', '.join(each.url for each in bad[:3])}"
        )
        yield Need(
            weight=Weight.BAD if len(bad) == len(facts) else Weight.WARN,
            text=text + (f" and {len(bad) - 3} more" if len(bad) > 3 else ""),
            path="/feeds",
            action="See the feeds",
        )
    for each in facts:
        if each.gap_at is not None and each.gap_at >= now - _LOOK_BACK:
            yield Need(
                weight=Weight.WARN,
                text=f"{each.url}: posts may be missing since {each.gap_at:%Y-%m-%d}",
                path="/feeds",
                action="See the feeds",
            )
