"""Orders an edition to be sent: the desk stores the order, and `digest run` carries it out.

So a send neither blocks the pages nor ends with a request, and it goes on after a restart.
"""

from __future__ import annotations

from datetime import timedelta

from digest.errors import NothingToDo, Refused
from digest.models import Actor, EditionState, StoredEdition
from digest.newsroom.approve import require_approval
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition, refuse_unsendable
from digest.newsroom.hours import is_ahead, shown_hour
from digest.newsroom.jump import jump_of
from digest.store import orders
from digest.store.clock import service_seen_at
from digest.store.orders import SendOrder

#: `digest run` gives a sign of life every minute; after this time without one it does not run.
_SILENT = timedelta(minutes=3)


def order_send(
    context: RunContext,
    edition_id: int,
    *,
    by: Actor,
    is_at_once: bool = False,
    any_audience: bool = False,
) -> SendOrder:
    """Store the order to send an edition; `digest run` freezes it at its next tick and sends it.

    For an edition that is being sent and waits after a relay stopped it, the order is to try again.

    Args:
        context: the installation's context.
        edition_id: the edition's id.
        by: the actor, who may send.
        is_at_once: whether it is sent before its hour, every mail at the same time.
        any_audience: whether its audience may differ much from the last one.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: it has ended, is being sent already, or an order waits.
        Refused: it is paused, not approved, ahead of its hour, its audience differs too much, or
            the configuration is not safe for sending.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    refuse_unsendable(stored)
    context.refuse_unsafe()
    if stored.state is EditionState.SENDING:
        _refuse_under_way(context, stored)
    else:
        _refuse_draft(context, stored, is_at_once=is_at_once, any_audience=any_audience)
    order = SendOrder(
        edition_id=edition_id,
        at=context.clock(),
        actor=by.name,
        is_at_once=is_at_once,
        any_audience=any_audience,
    )
    with context.database.write() as connection:
        if not orders.add_order(connection, order):
            raise NothingToDo(f"edition {edition_id}: its sending is ordered already")
        record(
            context,
            connection,
            by,
            "order send",
            newsletter=stored.newsletter,
            edition_id=edition_id,
            detail="now" if is_at_once else "",
        )
    return order


def withdraw_order(context: RunContext, edition_id: int, *, by: Actor) -> None:
    """Take back an order that `digest run` has not carried out yet.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: no order waits.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        now = context.clock()
        if not orders.end_order(connection, edition_id, problem="withdrawn", now=now):
            raise NothingToDo(f"edition {edition_id}: no order waits; see the page of its sending")
        record(
            context,
            connection,
            by,
            "withdraw send",
            newsletter=stored.newsletter,
            edition_id=edition_id,
        )


def is_service_running(context: RunContext) -> bool:
    """Return whether `digest run` gave a sign of life within the last minutes.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        seen = service_seen_at(connection)
    return seen is not None and context.clock() - seen < _SILENT


def _refuse_under_way(context: RunContext, stored: StoredEdition) -> None:
    if stored.retry_at is None or stored.retry_at <= context.clock():
        raise NothingToDo(f"edition {stored.id}: already being sent by `digest run`")


def _refuse_draft(
    context: RunContext, stored: StoredEdition, *, is_at_once: bool, any_audience: bool
) -> None:
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    require_approval(stored, audience, is_review_required=owner.is_reviewed)
    if not is_at_once and is_ahead(context, stored, context.clock()):
        raise Refused(
            f"edition {stored.id}: its hour, {shown_hour(context, stored)}, has not come; tick"
            " “now” to send it in place of that slot"
        )
    if not any_audience and (jump := jump_of(context, stored)):
        raise Refused(f"edition {stored.id}: {jump}; tick “any audience” if that is right")
