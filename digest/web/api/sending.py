"""The send of an edition: how far it is, orders, unknown mails, test mails, deliveries."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import Query

from digest.errors import NothingToDo
from digest.models import DeliveryState
from digest.models.admins import Right
from digest.web.api.call import Cursor, EditionId, Limit, OnCall
from digest.web.api.cursors import read_place, write_cursor
from digest.web.api.problems import Problem
from digest.web.api.shapes import mails as shapes
from digest.web.api.shapes import people


class BadState(StrEnum):
    """A state whose deliveries can be listed alone."""

    ALL = ""
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


_State = Annotated[BadState, Query(description="Only deliveries in this state; empty: all.")]


def show(call: OnCall, edition_id: EditionId) -> shapes.Sending:
    """Return how far the send of an edition is; it costs the same for every audience."""
    return shapes.Sending.of_page(call.newsroom.sending.read(edition_id))


def order(call: OnCall, edition_id: EditionId, wanted: shapes.Send) -> shapes.Order:
    """Order an edition to be sent by `digest run`, or a stopped one to be tried again."""
    made = call.newsroom.sending.order(
        edition_id, is_at_once=wanted.now, any_audience=wanted.any_audience, by=call.actor
    )
    return shapes.Order.of(made)


def withdraw(call: OnCall, edition_id: EditionId) -> shapes.Sending:
    """Take back an order that waits."""
    call.newsroom.sending.withdraw(edition_id, by=call.actor)
    return show(call, edition_id)


def resolve(call: OnCall, edition_id: EditionId, wanted: shapes.Resolve) -> shapes.Resolved:
    """Settle mails that were handed over and never answered."""
    newsletter = call.newsroom.newsletter_with(edition_id)
    done = newsletter.resolve(edition_id, wanted.resolution, by=call.actor, seen=wanted.unknown)
    return shapes.Resolved.of(done, edition=done.edition_id, resolved=done.count, how=wanted.how)


async def test(call: OnCall, edition_id: EditionId, wanted: shapes.Test) -> shapes.TestResults:
    """Send a marked copy to some of the newsletter's testers; no delivery is stored."""
    if wanted.as_address and not call.sees_people:
        raise Problem(403, f"token {call.token.name}: has not the right {Right.PEOPLE}")
    mails = await call.newsroom.sending.test(
        edition_id, wanted.to, as_address=wanted.as_address, by=call.actor
    )
    hidden = {} if call.sees_people else {"reply": None}
    return shapes.TestResults(mails=[shapes.TestResult.of(each, **hidden) for each in mails])


def list_deliveries(
    call: OnCall,
    edition_id: EditionId,
    state: _State = BadState.ALL,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> shapes.Deliveries:
    """Return a page of the deliveries, in the order of the subscribers' ids.

    With a state they are in the order of their reasons. Addresses and the words of servers need the
    right `people`.
    """
    page = call.newsroom.sending.page(
        edition_id,
        state=DeliveryState(state) if state else None,
        after=read_place(cursor),
        most=limit,
    )
    rows = [shapes.Delivery.of_row(row, sees_people=call.sees_people) for row in page.rows]
    return shapes.Deliveries(
        deliveries=rows, next="" if page.older is None else write_cursor(*page.older)
    )


def find(call: OnCall, wanted: shapes.Find) -> people.MailsOf:
    """Return what was sent to an address, when, and what its server answered."""
    try:
        found = call.newsroom.sending.find(wanted.address)
    except NothingToDo as error:
        raise Problem(404, f"{error}") from error
    deliveries = [shapes.PastDelivery.of(each, each.delivery) for each in found.deliveries]
    return people.MailsOf.of(found, deliveries=deliveries)
