"""Sends editions, each once to each of its subscribers."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import (
    ExitCode,
    NothingToDo,
    Refused,
    RelayRefusal,
    UsageError,
)
from digest.models import SENDER, Accounting, Actor, EditionState, Progress, StoredEdition
from digest.newsroom import drafts
from digest.newsroom.bounced_editions import guard_import
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition, refuse_unsendable
from digest.newsroom.hours import is_ahead, shown_hour
from digest.newsroom.observer import observe_run
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.service.trouble import alert_of_trouble
from digest.newsroom.session_bounces import refusals_counted
from digest.newsroom.state import kept_state
from digest.pipeline.deliver import deliver
from digest.sender.outbox import Outbox
from digest.sender.request import RunReport
from digest.store import closing, editions
from digest.store.audience_counts import count_without_category
from digest.store.engine import Connection
from digest.store.variants import list_variants

if TYPE_CHECKING:
    from digest.newsroom.check import CheckReport
    from digest.pipeline.freeze import Confirm

#: A finished edition has problems if at least this number, and more than this share, of its
#: deliveries are unknown or failed for other reasons than a mailbox that does not exist.
_MANY_LOST = 3
_LOST_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """An edition after a send run."""

    edition_id: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    run: RunReport
    accounting: Accounting
    newsletter: str
    #: Confirmed subscribers whose choice matches none of its categories; they get no mail.
    without_category: int
    #: Number of deliveries that failed because the recipient's mailbox does not exist.
    hard_bounces: int

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that made this run."""
        # A paused edition needs an operator, and a finished one has nothing left to try.
        if self.run.trouble and not self.run.sent and self.state is EditionState.SENDING:
            return ExitCode.TRY_LATER
        if not self.accounting.is_closed or self.is_doubtful or not self.accounting.sent:
            return ExitCode.PROBLEMS
        return ExitCode.DONE

    @property
    def is_doubtful(self) -> bool:
        """Whether many deliveries ended without success, and not because of their recipients."""
        account = self.accounting
        lost = account.unknown + account.failed - self.hard_bounces
        return lost >= _MANY_LOST and lost > _LOST_SHARE * account.frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The result of a rehearsed send."""

    edition_id: int
    subscribers: int
    variants: int
    #: None if the edition is frozen, because its letters were checked before that.
    check: CheckReport | None
    newsletter: str
    #: Confirmed subscribers whose choice matches none of its categories; they would get no mail.
    without_category: int


def find_sendable(
    context: RunContext,
    newsletter: str,
    edition_id: int | None,
    *,
    is_at_once: bool = False,
    is_rehearsal: bool = False,
) -> tuple[StoredEdition, ...]:
    """Return the editions that `send` means, oldest first; at least one.

    Without an id these are the editions whose hour has come, those without an hour, and those that
    are partly sent. Whether each may be sent is checked by `rehearse` and `freeze_now`.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for all.
        edition_id: the edition's id; None for every edition whose turn it is.
        is_at_once: whether a draft is meant whose hour has not come.
        is_rehearsal: whether nothing is sent, so that the hour does not matter.

    Raises:
        UsageError: the edition or the newsletter does not exist, or `is_at_once` is given and
            there are several drafts.
        NothingToDo: there is no edition to send.
        Refused: the hour of the edition, or of every draft, has not come.
    """
    found = _unsent(context, newsletter, edition_id)
    if is_at_once:
        _refuse_several([each for each in found if each.frozen_at is None])
    if is_at_once or is_rehearsal:
        return found
    now = context.clock()
    ahead = [each for each in found if is_ahead(context, each, now)]
    due = tuple(each for each in found if each not in ahead)
    if not due:
        raise Refused("\n".join(_ahead_line(context, each) for each in ahead))
    return due


def _unsent(
    context: RunContext, newsletter: str, edition_id: int | None
) -> tuple[StoredEdition, ...]:
    names = [context.newsletter_of(newsletter).name] if newsletter else _names(context)
    with context.database.read() as connection:
        if edition_id is not None:
            stored = named_edition(connection, edition_id)
            refuse_unsendable(stored)
            return (stored,)
        found = [each for name in names for each in editions.unsent_editions(connection, name)]
    if not found:
        raise NothingToDo("no draft to send; run `digest compose` to make one")
    return tuple(sorted(found, key=lambda each: each.id))


def _names(context: RunContext) -> list[str]:
    return [each.name for each in context.newsletters]


def _refuse_several(drafts: list[StoredEdition]) -> None:
    if len(drafts) > 1:
        named = ", ".join(f"{each.id} ({each.newsletter}, {each.hour})" for each in drafts)
        raise UsageError(f"--now is for one edition; name it: {named}")


def _ahead_line(context: RunContext, stored: StoredEdition) -> str:
    if stored.state is EditionState.PAUSED:
        return f"edition {stored.id}: paused ({stored.paused_reason}); see `digest resume --help`"
    return (
        f"edition {stored.id}: not sent before its hour, {shown_hour(context, stored)}; `digest"
        f" run` sends it then, `digest send {stored.id} --now` sends it now in place of that slot,"
        " `digest compose --extra` makes one that leaves the slot alone"
    )


def rehearse(context: RunContext, stored: StoredEdition) -> DryRun:
    """Return what `send` would do, without storing or sending anything.

    Raises:
        NothingToDo: the edition has ended.
        Refused: the edition is paused, or the configuration is not safe for sending.
        TemplateError: a template cannot be rendered.
    """
    _refuse(context, stored)
    with context.database.read() as connection:
        without_category = _count_without_category(context, connection, stored)
    if stored.state is EditionState.SENDING:
        with context.database.read() as connection:
            return DryRun(
                edition_id=stored.id,
                subscribers=closing.read_accounting(connection, stored.id).open,
                variants=len(list_variants(connection, stored.id)),
                check=None,
                newsletter=stored.newsletter,
                without_category=without_category,
            )
    check = drafts.check.report_of(context, stored)
    return DryRun(
        edition_id=stored.id,
        subscribers=check.subscribers,
        variants=len(check.letters),
        check=check,
        newsletter=stored.newsletter,
        without_category=without_category,
    )


def freeze_now(
    context: RunContext,
    stored: StoredEdition,
    *,
    by: Actor,
    any_audience: bool = False,
    is_at_once: bool = False,
    confirm: Confirm | None = None,
) -> StoredEdition:
    """Return the edition to send; freeze it if it is not frozen yet.

    Args:
        context: the installation's context.
        stored: an edition that `find_sendable` returned.
        by: the actor.
        any_audience: whether the audience may differ much from the last one.
        is_at_once: whether every mail is due now, also with local delivery.
        confirm: called in the transaction that freezes; if it returns False, nothing is written.

    Raises:
        NothingToDo: the edition has ended, or no subscriber would get it.
        Refused: the edition is paused, not approved or blocked by a check, its audience differs
            too much, or the configuration is not safe for sending.
        TemplateError: a template cannot be rendered.
        CorruptStoreError: the database is damaged.
    """
    _refuse(context, stored)
    context.database.check_sound()
    Leavings.of(context).take_all()
    if stored.state not in editions.OPEN:
        return stored
    drafts.freeze.freeze(
        context,
        stored,
        by=by,
        any_audience=any_audience,
        is_at_once=is_at_once,
        confirm=confirm,
    )
    with context.database.read() as connection:
        return named_edition(connection, stored.id)


async def send(
    context: RunContext,
    stored: StoredEdition,
    *,
    outbox: Path | None = None,
    progress: Progress | None = None,
) -> SendReport:
    """Send the due deliveries of a frozen edition, until none is due now.

    Args:
        context: the installation's context.
        stored: the edition that `freeze_now` returned.
        outbox: the folder to which mails are written as files; None to send over the relays.
        progress: the counts of the run, for its caller to read.

    Raises:
        Refused: the database was put back or copied; not with `outbox`.
        RelayError: no relay can be used, or it accepts nothing; open deliveries stay open.
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    owner = context.newsletter_of(stored.newsletter)
    kept = nullcontext() if outbox else kept_state(context)
    try:
        async with kept, refusals_counted(context, by=SENDER):
            run = await deliver(
                context.database,
                stored,
                owner.identity,
                keys=context.keys,
                open_mailer=(lambda: Outbox(outbox)) if outbox else context.open_mailer,
                relays=None if outbox else context.relays,
                canary=None if outbox else context.canary,
                guard=partial(guard_import, context, stored.id, by=SENDER),
                max_age=owner.max_age,
                clock=context.clock,
                progress=progress,
                before_marks=Leavings.of(context).take_all,
            )
    except RelayRefusal as refusal:
        alert_of_trouble(context, stored, refusal)
        raise
    observe_run(context.observer, stored.id, run)
    if run.trouble:
        alert_of_trouble(context, stored, run.trouble)
    with context.database.read() as connection:
        accounting = closing.read_accounting(connection, stored.id)
        after = named_edition(connection, stored.id)
        without_category = _count_without_category(context, connection, stored)
        hard_bounces = closing.count_hard_bounces(connection, stored.id)
    return SendReport(
        edition_id=stored.id,
        state=after.state,
        paused_reason=after.paused_reason,
        run=run,
        accounting=accounting,
        newsletter=stored.newsletter,
        without_category=without_category,
        hard_bounces=hard_bounces,
    )


def _count_without_category(
    context: RunContext, connection: Connection, stored: StoredEdition
) -> int:
    owner = context.newsletter_of(stored.newsletter)
    return count_without_category(connection, owner.name, owner.categories, owner.segment)


def _refuse(context: RunContext, stored: StoredEdition) -> None:
    refuse_unsendable(stored)
    context.refuse_unsafe()
    if stored.state in editions.OPEN:
        drafts.snapshots.read_snapshot(stored)
