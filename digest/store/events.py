"""Events for the operator's webhooks, each written in the transaction of what happened.

Which webhooks there are is read from the database, so that no use case needs to know them: without
one, an event costs one indexed query and stores nothing. `digest run` posts what waits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, text, update

from digest.models import Accounting, EventKind, WebhookCall, WebhookHealth, WebhookRule
from digest.store.clock import database_time
from digest.store.dialect import insert_for
from digest.store.tables import editions, slots, webhook_calls, webhooks
from subscribers.columns import UtcDateTime
from subscribers.tables import people

#: The condition of the index of waiting calls; as text, because SQLite compares it as written.
_IS_WAITING = text("webhook_calls.state = 'pending'")


# --- what happened --------------------------------------------------------------------------------


def add_edition_event(
    connection: Connection, kind: EventKind, edition_id: int, **facts: object
) -> None:
    """Store an event about an edition for each webhook that wants it.

    Args:
        connection: the connection of the transaction in which it happened.
        kind: what happened.
        edition_id: the edition.
        facts: more values of the event's data, such as `reason`.
    """
    row = (
        connection.execute(
            select(
                editions.c.id.label("edition"),
                editions.c.newsletter,
                editions.c.cadence,
                editions.c.number,
                slots.c.local_at.label("slot"),
            )
            .join(slots, slots.c.id == editions.c.slot_id)
            .where(editions.c.id == edition_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is not None:
        _add(connection, kind, row["newsletter"], {**row, **facts})


def add_sent_event(connection: Connection, edition_id: int, account: Accounting) -> None:
    """Store the event that every mail of an edition has ended."""
    add_edition_event(
        connection,
        EventKind.EDITION_SENT,
        edition_id,
        subscribers=account.frozen,
        sent=account.sent,
        failed=account.failed,
        unknown=account.unknown,
        skipped=account.skipped,
    )


def add_subscriber_event(
    connection: Connection,
    kind: EventKind,
    newsletter: str,
    person_ids: Sequence[int],
    **facts: object,
) -> None:
    """Store an event about each person for each webhook that wants it; arguments as above."""
    _add(connection, kind, newsletter, {"newsletter": newsletter, **facts}, person_ids)


def _add(
    connection: Connection,
    kind: EventKind,
    newsletter: str,
    data: dict[str, object],
    person_ids: Sequence[int | None] = (None,),
) -> None:
    wanted = [each.key for each in list_rules(connection) if _wants(each, kind, newsletter)]
    if not wanted or not person_ids:
        return
    now, text_of = database_time(connection), json.dumps(data, ensure_ascii=False)
    connection.execute(
        insert(webhook_calls),
        [
            {
                "public_id": f"evt_{secrets.token_hex(16)}",
                "webhook": key,
                "kind": kind,
                "at": now,
                "person_id": person_id,
                "data": text_of,
                "state": "pending",
            }
            for key in wanted
            for person_id in person_ids
        ],
    )


def _wants(rule: WebhookRule, kind: EventKind, newsletter: str) -> bool:
    return kind in rule.wants and (not rule.wants[kind] or newsletter in rule.wants[kind])


# --- the webhooks ---------------------------------------------------------------------------------


def list_rules(connection: Connection) -> tuple[WebhookRule, ...]:
    """Return the webhooks that `digest run` last read from the configuration."""
    query = select(webhooks.c.key, webhooks.c.events).order_by(webhooks.c.key)
    return tuple(
        WebhookRule(
            key=row.key,
            wants={EventKind(kind): tuple(of) for kind, of in json.loads(row.events).items()},
        )
        for row in connection.execute(query)
    )


def save_rules(connection: Connection, rules: Collection[WebhookRule], *, now: datetime) -> None:
    """Replace the webhooks; what waits for one that is not there any more is given up."""
    keys = [each.key for each in rules]
    connection.execute(delete(webhooks).where(webhooks.c.key.not_in(keys)))
    connection.execute(
        update(webhook_calls)
        .where(_IS_WAITING, webhook_calls.c.webhook.not_in(keys))
        .values(state="failed", next_at=None, ended_at=now)
    )
    for each in rules:
        wanted = {"events": json.dumps(dict(each.wants))}
        new = insert_for(connection, webhooks).values(key=each.key, added_at=now, **wanted)
        connection.execute(new.on_conflict_do_update(index_elements=[webhooks.c.key], set_=wanted))


def read_health(connection: Connection) -> dict[str, WebhookHealth]:
    """Return how each webhook answers, by its key; counts only what waits."""
    waiting = (
        select(
            webhook_calls.c.webhook,
            func.count().label("waiting"),
            func.min(webhook_calls.c.at, type_=UtcDateTime()).label("since"),
        )
        .where(_IS_WAITING)
        .group_by(webhook_calls.c.webhook)
        .subquery()
    )
    rows = connection.execute(
        select(webhooks, waiting.c.waiting, waiting.c.since).outerjoin(
            waiting, waiting.c.webhook == webhooks.c.key
        )
    )
    return {
        row.key: WebhookHealth(
            key=row.key,
            waiting=row.waiting or 0,
            waiting_since=row.since,
            succeeded_at=row.succeeded_at,
            failed_at=row.failed_at,
            last_error=row.last_error,
        )
        for row in rows
    }


# --- calling --------------------------------------------------------------------------------------


def has_due_calls(connection: Connection, webhook: str, *, now: datetime) -> bool:
    """Return whether a call of a webhook is due."""
    return connection.execute(_due(webhook, now).limit(1)).first() is not None


def claim_calls(
    connection: Connection, webhook: str, *, now: datetime, until: datetime, most: int
) -> tuple[WebhookCall, ...]:
    """Claim the due calls of a webhook, oldest first; no other process claims them before `until`.

    Args:
        connection: a connection inside a transaction.
        webhook: the webhook's key.
        now: the current time.
        until: when another process may claim them.
        most: the most to claim.
    """
    due = _due(webhook, now).order_by(webhook_calls.c.id).limit(most)
    ids = connection.execute(due.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return ()
    connection.execute(
        update(webhook_calls)
        .where(webhook_calls.c.id.in_(ids))
        .values(next_at=until, attempts=webhook_calls.c.attempts + 1)
    )
    rows = connection.execute(
        select(
            webhook_calls,
            func.coalesce(people.c.public_id, "").label("subscriber"),
            func.coalesce(people.c.address, "").label("address"),
        )
        .outerjoin(people, people.c.id == webhook_calls.c.person_id)
        .where(webhook_calls.c.id.in_(ids))
        .order_by(webhook_calls.c.id)
    ).mappings()
    names = WebhookCall.__slots__
    return tuple(WebhookCall(**{name: row[name] for name in names}) for row in rows)


def _due(webhook: str, now: datetime) -> Select[int]:
    return select(webhook_calls.c.id).where(
        _IS_WAITING,
        webhook_calls.c.webhook == webhook,
        or_(webhook_calls.c.next_at.is_(None), webhook_calls.c.next_at <= now),
    )


def end_call(
    connection: Connection, call: WebhookCall, *, now: datetime, problem: str = ""
) -> None:
    """Store that a call was answered, or given up for a reason."""
    _set(connection, call, state="failed" if problem else "sent", next_at=None, ended_at=now)
    _note(connection, call.webhook, problem, now)


def retry_call(
    connection: Connection, call: WebhookCall, *, now: datetime, next_at: datetime, problem: str
) -> None:
    """Defer a call that failed."""
    _set(connection, call, next_at=next_at)
    _note(connection, call.webhook, problem, now)


def release_calls(connection: Connection, calls: Collection[WebhookCall]) -> None:
    """Return claimed calls that were not tried."""
    connection.execute(
        update(webhook_calls)
        .where(webhook_calls.c.id.in_([each.id for each in calls]))
        .values(next_at=None, attempts=webhook_calls.c.attempts - 1)
    )


def forget_calls(connection: Connection, *, before: datetime) -> int:
    """Delete the calls that ended before this time; return their number."""
    return connection.execute(
        delete(webhook_calls).where(webhook_calls.c.ended_at < before)
    ).rowcount


def _set(connection: Connection, call: WebhookCall, **values: Any) -> None:
    connection.execute(update(webhook_calls).where(webhook_calls.c.id == call.id).values(**values))


def _note(connection: Connection, webhook: str, problem: str, now: datetime) -> None:
    values = {"failed_at": now} if problem else {"succeeded_at": now}
    connection.execute(
        update(webhooks).where(webhooks.c.key == webhook).values(last_error=problem, **values)
    )
