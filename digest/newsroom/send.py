"""Sending an edition: to every subscriber, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digest.models import Accounting, Actor, DeliveryState, EditionState, StoredEdition
from digest.newsroom.check import CheckReport, report_of
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition, sendable_edition
from digest.newsroom.freeze import freeze
from digest.newsroom.observer import observe_run
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
    paused_reason: str
    run: RunReport
    accounting: Accounting


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a send would do."""

    edition_id: int
    subscribers: int
    variants: int
    #: None if the letters were checked before they were frozen.
    check: CheckReport | None


def rehearse(context: RunContext, newsletter: str, edition_id: int | None) -> DryRun:
    """Return what `send` would do; nothing is stored or sent.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: there is no edition to send.
        Refused: it is paused, or the configuration is not safe to send with.
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
    """Return the edition to send, frozen now if it was not.

    Args:
        context: the installation.
        newsletter: its name.
        edition_id: which edition; None: the newsletter's newest that can be sent.
        by: who sends it.
        any_audience: also if the audience differs much from the last one.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: there is no edition to send, or no subscriber would get it.
        Refused: it is paused, not approved, held by a check, or its audience differs too much.
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
    """Send what is due of a frozen edition, until nothing is due now.

    Args:
        context: the installation.
        stored: from `freeze_now`.
        outbox: the folder that gets the mails as files, in place of the relays.
        progress: called with each delivery's new state.

    Raises:
        RelayError: no relay serves; open deliveries stay open.
        StoreError: the ledger cannot be written; nothing was sent without its mark.
    """
    owner = context.newsletter_of(stored.newsletter)
    run = await deliver(
        context.database,
        stored,
        owner.writer,
        keys=context.keys,
        open_mailer=(lambda: Outbox(outbox)) if outbox else context.open_mailer,
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
