"""Does the due work of each newsletter's cadences: announce, compose, publish, remind, miss.

The facts are read, `scheduler.agenda` decides, and its actions are carried out one after another.
Every write checks the state it expects, so that a second process with older facts changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from digest.errors import DigestError, NothingToDo, Refused, StoreError
from digest.models import SCHEDULE, EditionState, Slot, SlotState, StoredEdition
from digest.newsroom.approval_notes import tell_waiting
from digest.newsroom.compose import compose
from digest.newsroom.context import Cadence, NewsletterContext, RunContext
from digest.newsroom.freeze import freeze
from digest.newsroom.hold import pause
from digest.newsroom.jump import jump_of
from digest.newsroom.proof.examine import examine
from digest.newsroom.removed import ask_again
from digest.newsroom.service.fence import Fence, report_failure
from digest.newsroom.service.missed import report_missed
from digest.newsroom.service.notices import notify
from digest.newsroom.service.poll import read_before_slot, read_due_feeds, was_read
from digest.scheduler.agenda import (
    Action,
    Announce,
    Compose,
    Facts,
    KnownSlot,
    Miss,
    OpenDraft,
    Publish,
    Remind,
    Reopen,
    Stage,
    Withdraw,
    decide,
)
from digest.store import approvals, drafts, editions
from digest.store.slots import (
    announce_slot,
    list_slots,
    reopen_slot,
    set_slot_state,
    withdraw_slot,
)
from digest.store.turns import take_turn
from subscribers.errors import SubscriberError

#: Two rounds, so that a composed draft can be published in the same tick.
_ROUNDS = 2

#: Slots further ahead are not known yet: longer than the pause between two slots of any schedule.
#: A clock that was years ahead may have left some.
_HORIZON = timedelta(days=40)

_STAGES = {
    Stage.DRAFTED: "is drafted",
    Stage.DUE: "is due now",
    Stage.HALFWAY: "is late",
}

_log = logging.getLogger(__name__)


async def tick(context: RunContext, now: datetime, fence: Fence | None = None) -> None:
    """Do the due work of every cadence; a failure is reported and does not stop the others.

    Args:
        context: the installation's context.
        now: the time.
        fence: the failed turns of earlier ticks; None if there were none.

    Raises:
        StoreError: the database cannot be used.
    """
    fence = fence or Fence()
    for newsletter in context.newsletters:
        async with take_turn(context.database, newsletter.name) as is_ours:
            if is_ours:
                await _work_fenced(context, newsletter, now, fence)
    await asyncio.to_thread(report_missed, context, now)


async def _work_fenced(
    context: RunContext, newsletter: NewsletterContext, now: datetime, fence: Fence
) -> None:
    """Do the due work of one newsletter; whatever fails stops neither it nor another one."""

    async def work_all() -> bool:
        for cadence in newsletter.cadences:
            turn = _CadenceTurn(context, newsletter, cadence, now)
            name = f"{newsletter.name}/{cadence.name}"
            await fence.run(name, now, turn.work, turn.report)
        return True

    def report(error: Exception) -> None:
        report_failure(context, newsletter.name, error, now=now)

    await fence.run(newsletter.name, now, work_all, report)


class _CadenceTurn:
    """The work on one cadence in one tick."""

    def __init__(
        self, context: RunContext, newsletter: NewsletterContext, cadence: Cadence, now: datetime
    ) -> None:
        self._context = context
        self._database = context.database
        self._newsletter = newsletter
        self._settings = cadence.settings
        self._names = (newsletter.name, cadence.name)
        self._title = f"{newsletter.name} ({cadence.shown})"
        self._now = now
        self._has_failed = False

    async def work(self) -> bool:
        """Do what is due; return False if a part of it failed and was reported."""
        for _ in range(_ROUNDS):
            facts = await asyncio.to_thread(self._read_facts)
            actions = decide(self._settings, facts, self._now)
            for action in actions:
                await self._try(action)
            if not any(isinstance(action, Compose) for action in actions):
                break
        return not self._has_failed

    def report(self, error: Exception) -> None:
        """Report an exception of `work`."""
        report_failure(self._context, self._title, error, now=self._now)

    def _read_facts(self) -> Facts:
        with self._database.read() as connection:
            known = list_slots(connection, *self._names, until=self._now + _HORIZON)
            draft = drafts.open_draft(connection, *self._names)
        return Facts(
            slots=tuple(
                KnownSlot(local_at=slot.local_at, state=slot.state, may_return=slot.may_return)
                for slot in known
            ),
            draft=_as_fact(draft) if draft else None,
        )

    async def _try(self, action: Action) -> None:
        try:
            if isinstance(action, Compose):
                await self._collect(action)
            elif isinstance(action, Publish):
                await ask_again(self._context, action.edition_id)
            await asyncio.to_thread(self._obey, action)
        except StoreError:
            raise  # everything else would fail too, also storing the alert
        except (DigestError, SubscriberError) as error:
            self._has_failed = True
            await asyncio.to_thread(self.report, error)

    async def _collect(self, action: Compose) -> None:
        """Read feeds, so that the edition has the posts published until now."""
        try:
            if action.is_slot_come:
                feeds, slot_at = self._newsletter.feeds, self._settings.starts_at(action.slot)
                await read_before_slot(self._context, feeds, self._now, slot_at=slot_at)
            elif not action.is_refresh:
                await read_due_feeds(self._context, self._now)
        except DigestError as error:
            await asyncio.to_thread(self.report, error)

    def _obey(self, action: Action) -> None:
        match action:
            case Announce(slot=slot):
                with self._database.write() as connection:
                    announce_slot(connection, *self._names, slot)
            case Withdraw(local_at=local_at):
                with self._database.write() as connection:
                    withdraw_slot(connection, *self._names, local_at)
            case Reopen(local_at=local_at):
                with self._database.write() as connection:
                    reopen_slot(connection, *self._names, local_at)
            case Compose():
                self._compose(action)
            case Publish():
                self._publish(action)
            case Miss():
                self._miss(action)
            case Remind():
                self._remind(action)

    # --- composing and publishing ---------------------------------------------------------------

    def _compose(self, action: Compose) -> None:
        is_first = action.is_final and action.edition_id is None
        feeds = self._newsletter.feeds
        if is_first and not was_read(self._database, feeds, since=action.since):
            self._end(action.slot, SlotState.FEEDS_DOWN)
            text = (
                "no edition yet: none of the newsletter's feeds could be read since"
                f" {_in_utc(action.since)}\nSee `digest feeds list`."
            )
            self._alert(action.slot, "feeds_down", text)
            return
        try:
            draft = compose(self._context, *self._names, by=SCHEDULE, slot=action.slot)
        except NothingToDo as reason:
            if action.is_final:
                _log.info("%s: no edition: %s", self._name(action.slot), reason)
                self._end(action.slot, SlotState.EMPTY, action.edition_id)
            return
        for note in draft.notes:
            self._alert(action.slot, f"note/{note[:80]}", note)
        if draft.is_changed and self._newsletter.is_reviewed:
            self._alert_errors(action.slot, draft.edition_id)

    def _alert_errors(self, slot: Slot, edition_id: int) -> None:
        """Examine a draft for its approvers, and report at once what would hold it at its hour."""
        stored = self._draft(edition_id)
        if stored is None:
            return
        report = examine(self._context, None, edition_id, by=SCHEDULE).report
        if not report.errors:
            return
        first = next(finding for finding in report.findings if finding.is_error)
        text = (
            f"edition {edition_id} cannot be sent as it is: {first.rule} ({first.place}:"
            f" {first.text})\nSee `digest check {edition_id}`."
        )
        self._alert(slot, f"error/{first.rule}", text)

    def _publish(self, action: Publish) -> None:
        stored = self._draft(action.edition_id)
        if stored is None:
            return
        if jump := jump_of(self._context, stored):
            pause(self._context, stored.id, jump, by=SCHEDULE)
            text = "%s: edition %d paused: %s; run `digest resume` or `digest cancel`"
            _log.warning(text, self._name(action.slot), stored.id, jump)
            return
        try:
            freeze(self._context, stored, by=SCHEDULE, any_audience=True)
        except NothingToDo as reason:
            _log.info("%s: no edition: %s", self._name(action.slot), reason)
            self._end(action.slot, SlotState.EMPTY, stored.id)
        except Refused:
            if self._draft(stored.id) is not None:  # else another process was faster
                raise

    def _draft(self, edition_id: int) -> StoredEdition | None:
        with self._database.read() as connection:
            stored = editions.get_edition(connection, edition_id)
        return stored if stored is not None and stored.state in editions.OPEN else None

    def _end(
        self, slot: Slot, state: SlotState, edition_id: int | None = None, *, reason: str = ""
    ) -> None:
        """Store the new state of a slot, unless its edition was frozen meanwhile."""
        with self._database.write() as connection:
            if editions.has_frozen_edition(connection, *self._names, slot.local_at):
                return
            if edition_id is not None:
                approvals.cancel(connection, edition_id, now=self._now)
            set_slot_state(connection, *self._names, slot, state, reason=reason)

    # --- missed slots and notices ---------------------------------------------------------------

    def _miss(self, action: Miss) -> None:
        for slot in action.slots:
            self._end(slot, SlotState.MISSED, action.edition_id, reason=action.why)

    def _remind(self, action: Remind) -> None:
        number = action.edition_id
        stored = self._draft(number)
        if stored is None:
            return
        headline = (
            f"{self._name(action.slot)}: edition {number} {_STAGES[action.stage]} and waits for"
            " approval"
        )
        key = self._key(action.slot.local_at, action.stage)
        tell_waiting(self._context, stored, headline, key=key, until=action.until, now=self._now)

    def _alert(self, slot: Slot, what: str, text: str) -> None:
        _log.warning("%s: %s", self._name(slot), text.partition("\n")[0])
        self._notify(self._key(slot.local_at, what), f"{self._name(slot)}: {text}")

    def _notify(self, key: str, text: str) -> None:
        recipients = self._context.alerts.recipients
        notify(self._database, "alert", key, text, recipients, now=self._now)

    def _key(self, *parts: str) -> str:
        return "/".join((*self._names, *parts))

    def _name(self, slot: Slot) -> str:
        return f"{self._title}, {slot.local_at.replace('T', ' ')}"


def _as_fact(stored: StoredEdition) -> OpenDraft:
    return OpenDraft(
        edition_id=stored.id,
        local_at=stored.local_at,
        is_approved=stored.state is EditionState.APPROVED,
        composed_at=stored.composed_at,
        created_at=stored.created_at,
        is_edited=stored.is_edited,
    )


def _in_utc(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
