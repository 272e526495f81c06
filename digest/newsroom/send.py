"""Sends an edition once to each of its subscribers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from digest.models import Accounting, Actor, DeliveryState, EditionState, StoredEdition
from digest.newsroom.check import CheckReport, report_of
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition, sendable_edition
from digest.newsroom.freeze import freeze
from digest.newsroom.observer import observe_run
from digest.newsroom.state import kept_state
from digest.newsroom.subscriptions import Subscriptions
from digest.pipeline.deliver import deliver
from digest.sender.outbox import Outbox
from digest.sender.request import RunReport
from digest.store import closing, editions
from digest.store.variants import list_variants


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """An edition after a send run."""

    edition_id: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    run: RunReport
    accounting: Accounting


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The result of a rehearsed send."""

    edition_id: int
    subscribers: int
    variants: int
    #: None if the edition is frozen, because its letters were checked before that.
    check: CheckReport | None


def rehearse(context: RunContext, newsletter: str, edition_id: int | None) -> DryRun:
    """Return what `send` would do, without storing or sending anything.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: there is no edition to send.
        Refused: the edition is paused, or the configuration is not safe for sending.
        TemplateError: a template cannot be rendered.
    """
    stored = _sendable(context, newsletter, edition_id)
    if stored.state is EditionState.SENDING:
        with context.database.read() as connection:
            return DryRun(
                edition_id=stored.id,
                subscribers=closing.read_accounting(connection, stored.id).open,
                variants=len(list_variants(connection, stored.id)),
                check=None,
            )
    check = report_of(context, stored)
    return DryRun(
        edition_id=stored.id,
        subscribers=check.subscribers,
        variants=len(check.letters),
        check=check,
    )


def freeze_now(
    context: RunContext,
    newsletter: str,
    edition_id: int | None,
    *,
    by: Actor,
    any_audience: bool = False,
) -> StoredEdition:
    """Return the edition to send; freeze it if it is not frozen yet.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest that can be sent.
        by: the actor.
        any_audience: whether the audience may differ much from the last one.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: there is no edition to send, or no subscriber would get it.
        Refused: the edition is paused, not approved or blocked by a check, its audience differs
            too much, or the configuration is not safe for sending.
        TemplateError: a template cannot be rendered.
    """
    stored = _sendable(context, newsletter, edition_id)
    Subscriptions.of(context).take_leavings()
    if stored.state not in editions.OPEN:
        return stored
    freeze(context, stored, by=by, any_audience=any_audience)
    with context.database.read() as connection:
        return named_edition(connection, stored.id)


async def send(
    context: RunContext,
    stored: StoredEdition,
    *,
    outbox: Path | None = None,
    progress: Callable[[DeliveryState], None] = lambda _state: None,
) -> SendReport:
    """Send the due deliveries of a frozen edition, until none is due now.

    Args:
        context: the installation's context.
        stored: the edition that `freeze_now` returned.
        outbox: the folder to which mails are written as files; None to send over the relays.
        progress: a function that is called with the new state of each delivery.

    Raises:
        Refused: the database was put back or copied; not with `outbox`.
        RelayError: no relay can be used; open deliveries stay open.
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    owner = context.newsletter_of(stored.newsletter)
    async with nullcontext() if outbox else kept_state(context):
        run = await deliver(
            context.database,
            stored,
            owner.writer,
            keys=context.keys,
            open_mailer=(lambda: Outbox(outbox)) if outbox else context.open_mailer,
            is_outbox=outbox is not None,
            connections=1 if outbox else context.connections,
            max_age=owner.max_age,
            clock=context.clock,
            progress=progress,
        )
    observe_run(context.observer, stored.id, run)
    with context.database.read() as connection:
        accounting = closing.read_accounting(connection, stored.id)
        after = named_edition(connection, stored.id)
    return SendReport(
        edition_id=stored.id,
        state=after.state,
        paused_reason=after.paused_reason,
        run=run,
        accounting=accounting,
    )


def _sendable(context: RunContext, newsletter: str, edition_id: int | None) -> StoredEdition:
    with context.database.read() as connection:
        stored = sendable_edition(connection, newsletter, edition_id)
    context.refuse_unsafe()
    return stored
