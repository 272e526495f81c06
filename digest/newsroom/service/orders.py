"""Carries out the orders to send: freezes the edition, so that the service sends it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from digest.errors import Refused, StoreError
from digest.models import Actor, EditionState
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.removed import ask_again
from digest.newsroom.send import freeze_now
from digest.newsroom.service.fence import in_one_line, is_expected
from digest.store import editions, orders
from digest.store.orders import SendOrder
from digest.store.turns import take_turn

_log = logging.getLogger(__name__)

#: An order that waited longer, because `digest run` was down, is not carried out: nobody expects
#: those mails any more.
_LASTING = timedelta(days=1)


async def carry_out_orders(context: RunContext) -> None:
    """Freeze each edition that was ordered to be sent; store why one cannot be.

    Raises:
        StoreError: the database cannot be used.
    """
    for order in await asyncio.to_thread(_waiting, context):
        async with take_turn(context.database, f"order {order.edition_id}") as is_ours:
            if is_ours:
                await _carry_out(context, order)


def _waiting(context: RunContext) -> tuple[SendOrder, ...]:
    with context.database.read() as connection:
        return orders.waiting_orders(connection)


async def _carry_out(context: RunContext, order: SendOrder) -> None:
    problem = ""
    try:
        _refuse_old(context, order)
        if await asyncio.to_thread(_is_under_way, context, order):
            await asyncio.to_thread(_try_now, context, order)
        else:
            await ask_again(context, order.edition_id)
            await asyncio.to_thread(_freeze, context, order)
    except StoreError:
        raise
    except Exception as error:
        # Also a fault of this program: else the order would come again, and stop all other sends.
        problem = in_one_line(error)
        _log.error(
            "edition %d: cannot be sent as ordered: %s",
            order.edition_id,
            problem,
            exc_info=None if is_expected(error) else error,
        )
    await asyncio.to_thread(_end, context, order, problem)


def _refuse_old(context: RunContext, order: SendOrder) -> None:
    waited = context.clock() - order.at
    if waited > _LASTING:
        raise Refused(
            f"ordered {order.at:%Y-%m-%d %H:%M} UTC, and `digest run` was down for"
            f" {waited // timedelta(hours=1)} hours since; order it again"
        )


def _is_under_way(context: RunContext, order: SendOrder) -> bool:
    with context.database.read() as connection:
        stored = named_edition(connection, order.edition_id)
    return stored.state is EditionState.SENDING


def _freeze(context: RunContext, order: SendOrder) -> None:
    with context.database.read() as connection:
        stored = named_edition(connection, order.edition_id)
    freeze_now(
        context,
        stored,
        by=Actor(name=order.actor),
        any_audience=order.any_audience,
        is_at_once=order.is_at_once,
        # It ends with the freeze, so that one of both wins: the freeze, or a withdrawal.
        confirm=lambda connection: orders.end_order(
            connection, order.edition_id, now=context.clock()
        ),
    )


def _try_now(context: RunContext, order: SendOrder) -> None:
    with context.database.write() as connection:
        stored = named_edition(connection, order.edition_id)
        editions.note_trouble(
            connection, stored.id, stored.last_error, stops=stored.stops, retry_at=None
        )


def _end(context: RunContext, order: SendOrder, problem: str) -> None:
    with context.database.write() as connection:
        orders.end_order(connection, order.edition_id, problem=problem, now=context.clock())
