"""One look at what is due of every newsletter, and doing it.

Facts are read, `scheduler.agenda` decides, and its actions are obeyed one after another. Every
write says what it expects, so that a second process with older facts changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from digest.errors import DigestError, NothingToDo, Refused, StoreError
from digest.models import EditionState
from digest.newsroom.approval import approved_content, audience_jump
from digest.newsroom.context import Cadence, Newsletter, RunContext
from digest.newsroom.service.notices import tell
from digest.newsroom.service.poll import read_due_feeds, was_read
from digest.pipeline.audience import AudienceRule
from digest.pipeline.compose import compose
from digest.pipeline.freeze import freeze
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
    SlotState,
    Stage,
    Withdraw,
    decide,
)
from digest.scheduler.slots import Slot
from digest.store import approvals, editions
from digest.store.editions import StoredEdition
from digest.store.locks import take_turn
from digest.store.slots import announce_slot, list_slots, set_slot_state, withdraw_slot
from subscribers.errors import SubscriberError

#: A draft that was composed can be published in the same tick.
_ROUNDS = 2

_STAGES = {
    Stage.DRAFTED: "is drafted",
    Stage.DUE: "should go out now",
    Stage.HALFWAY: "is late",
}

_log = logging.getLogger(__name__)


async def tick(context: RunContext, now: datetime) -> None:
    """Do what is due of every cadence; what fails is told and stops nothing else.

    Raises:
        StoreError: the database cannot serve.
    """
    for newsletter in context.newsletters:
        with take_turn(context.turns, newsletter.name) as is_ours:
            for cadence in newsletter.cadences if is_ours else ():
                await _Desk(context, newsletter, cadence, now).work()


class _Desk:
    """The work on one cadence in one tick."""

    def __init__(
        self, context: RunContext, newsletter: Newsletter, cadence: Cadence, now: datetime
    ) -> None:
        self._context = context
        self._database = context.database
        self._newsletter = newsletter
        self._cadence = cadence
        self._names = (newsletter.name, cadence.plan.cadence)
        self._now = now

    async def work(self) -> None:
        for _ in range(_ROUNDS):
            facts = await asyncio.to_thread(self._read_facts)
            actions = decide(self._cadence.plan, facts, self._now)
            for action in actions:
                await self._try(action)
            if not any(isinstance(action, Compose) for action in actions):
                break

    def _read_facts(self) -> Facts:
        with self._database.read() as connection:
            known = list_slots(connection, *self._names)
            draft = editions.open_draft(connection, *self._names)
        return Facts(
            slots=tuple(KnownSlot(local_at=slot.local_at, state=slot.state) for slot in known),
            draft=_as_fact(draft) if draft else None,
        )

    async def _try(self, action: Action) -> None:
        try:
            if isinstance(action, Compose):
                await self._collect()
            await asyncio.to_thread(self._obey, action)
        except StoreError:
            raise  # nothing else will go well, the telling included
        except (DigestError, SubscriberError) as error:
            await asyncio.to_thread(self._tell_failure, str(error))

    async def _collect(self) -> None:
        """Read first what is due: what came in until now belongs in."""
        try:
            await read_due_feeds(self._context, self._now)
        except DigestError as error:
            await asyncio.to_thread(self._tell_failure, str(error))

    def _obey(self, action: Action) -> None:
        match action:
            case Announce(slot=slot):
                with self._database.write() as connection:
                    announce_slot(connection, *self._names, slot)
            case Withdraw(local_at=local_at):
                with self._database.write() as connection:
                    withdraw_slot(connection, *self._names, local_at)
            case Compose():
                self._compose(action)
            case Publish():
                self._publish(action)
            case Miss():
                self._miss(action)
            case Remind():
                self._remind(action)

    # --- making it ------------------------------------------------------------------------------

    def _compose(self, action: Compose) -> None:
        is_first = action.is_final and action.edition_id is None
        feeds = self._newsletter.feeds
        if is_first and not was_read(self._database, feeds, since=action.since):
            self._end(action.slot, SlotState.FEEDS_DOWN)
            text = (
                f"none of its feeds could be read since {_said(action.since)}; see `digest status`"
            )
            self._alert(action.slot, "feeds_down", text)
            return
        plan, rules = self._cadence.plan, self._cadence.rules
        try:
            draft = compose(
                self._database,
                rules,
                plan.schedule,
                now=self._now,
                slot=action.slot,
                max_window=self._cadence.max_window,
            )
            _log.info("%s: edition %d composed", self._name(action.slot), draft.edition_id)
        except NothingToDo as reason:
            if action.is_final:
                _log.info("%s: empty: %s", self._name(action.slot), reason)
                self._end(action.slot, SlotState.EMPTY, action.edition_id)

    def _publish(self, action: Publish) -> None:
        stored = self._draft(action.edition_id)
        if stored is None:
            return
        audience = self._cadence.audience_of(stored.local_at)
        if jump := self._jump(stored, audience):
            with self._database.write() as connection:
                approvals.pause(connection, stored.id, jump)
            _log.warning("%s: edition %d paused: %s", self._name(action.slot), stored.id, jump)
            return
        is_reviewed = self._cadence.plan.is_reviewed
        try:
            count = freeze(
                self._database,
                stored,
                self._newsletter.writer,
                audience,
                keys=self._context.keys,
                now=self._now,
                approved_hash=approved_content(stored, audience, is_review_required=is_reviewed),
            )
            _log.info("%s: edition %d to %d subscribers", self._name(action.slot), stored.id, count)
        except NothingToDo as reason:
            _log.info("%s: empty: %s", self._name(action.slot), reason)
            self._end(action.slot, SlotState.EMPTY, stored.id)
        except Refused:
            if self._draft(stored.id) is not None:  # else another process was faster
                raise

    def _jump(self, stored: StoredEdition, audience: AudienceRule) -> str:
        most = self._cadence.max_jump
        return audience_jump(self._database, stored, audience, most=most, now=self._now)

    def _draft(self, edition_id: int) -> StoredEdition | None:
        with self._database.read() as connection:
            stored = editions.get_edition(connection, edition_id)
        return stored if stored is not None and stored.state in editions.OPEN else None

    def _end(self, slot: Slot, state: SlotState, edition_id: int | None = None) -> None:
        """Write what became of a slot, unless an edition of it left meanwhile."""
        with self._database.write() as connection:
            if editions.has_frozen_edition(connection, *self._names, slot.local_at):
                return
            if edition_id is not None:
                approvals.cancel(connection, edition_id, now=self._now)
            set_slot_state(connection, *self._names, slot, state)

    # --- giving it up, and saying so ------------------------------------------------------------

    def _miss(self, action: Miss) -> None:
        for slot in action.slots:
            self._end(slot, SlotState.MISSED, action.edition_id)
        slot = action.slots[-1]
        many = f" and {len(action.slots) - 1} before it" if len(action.slots) > 1 else ""
        text = f"missed{many}: {action.why}\nIts posts come with the next one."
        self._alert(slot, "missed", text)

    def _remind(self, action: Remind) -> None:
        number = action.edition_id
        text = (
            f"{self._name(action.slot)}: edition {number} {_STAGES[action.stage]} and waits for"
            f" approval\nLook at it with `digest preview {number}`, then run `digest approve"
            f" {number}` until {_said(action.until)}; after that it is given up."
        )
        key = self._key(action.slot.local_at, action.stage)
        tell(self._database, "approval", key, text, self._newsletter.approvers, now=self._now)

    def _tell_failure(self, reason: str) -> None:
        _log.error("%s (%s): %s", *self._names, reason)
        text = f"{self._newsletter.name} ({self._cadence.plan.cadence}): {reason}"
        key = self._key("failed", reason)
        tell(self._database, "alert", key, text, self._context.alerted, now=self._now)

    def _alert(self, slot: Slot, what: str, text: str) -> None:
        _log.warning("%s: %s", self._name(slot), text.partition("\n")[0])
        text = f"{self._name(slot)}: {text}"
        key = self._key(slot.local_at, what)
        tell(self._database, "alert", key, text, self._context.alerted, now=self._now)

    def _key(self, *parts: str) -> str:
        return "/".join((*self._names, *parts))

    def _name(self, slot: Slot) -> str:
        newsletter, cadence = self._names
        return f"{newsletter} ({cadence}), {slot.local_at.replace('T', ' ')}"


def _as_fact(stored: StoredEdition) -> OpenDraft:
    return OpenDraft(
        edition_id=stored.id,
        local_at=stored.local_at,
        is_approved=stored.state is EditionState.APPROVED,
        composed_at=stored.composed_at,
        is_edited=stored.is_edited,
    )


def _said(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
