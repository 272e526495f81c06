"""Ends mail to a person: leaving, suppression, erasure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import BinaryIO

from digest.errors import UsageError
from digest.models import Actor, EventKind
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import persons
from digest.store.events import add_subscriber_event
from subscribers import suppressing
from subscribers.addresses import Address, parse_typed
from subscribers.batches import RowOutcome
from subscribers.importing import RowResult
from subscribers.people import find_person, leave
from subscribers.suppression import SuppressionReason, suppress, unsuppress

#: Characters of a note in the audit.
MAX_NOTE = 200


def leave_newsletter(context: RunContext, address: str, newsletter: str, *, by: Actor) -> bool:
    """End one person's subscription at their request; return whether there was one to end.

    Raises:
        UsageError: the newsletter does not exist.
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    name, wanted = context.newsletter_of(newsletter).name, _parsed(context, address)
    with context.database.write() as connection:
        person = find_person(connection, wanted)
        has_left = person is not None and leave(
            connection, person.id, name, how="manual", now=context.clock()
        )
        if person is not None and has_left:
            kind = EventKind.SUBSCRIBER_LEFT
            add_subscriber_event(connection, kind, name, (person.id,), how="manual")
            record(context, connection, by, "leave", newsletter=name, detail="manual")
    return has_left


def suppress_address(
    context: RunContext,
    address: str,
    *,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    note: str = "",
    by: Actor,
) -> None:
    """Never mail an address again, even if it is imported again.

    Args:
        context: the installation's context.
        address: the address; it may be unknown.
        reason: the reason to add.
        note: why, in the operator's words, for the audit; without an address, because the audit
            is kept when a person is erased.
        by: the actor.

    Raises:
        UsageError: the note has an address, or is too long.
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    wanted, why = _parsed(context, address), " ".join(note.split())
    if "@" in why or len(why) > MAX_NOTE:
        raise UsageError(f"note: must have at most {MAX_NOTE} characters, and no address")
    with context.database.write() as connection:
        suppress(connection, context.keys, wanted, reason, now=context.clock())
        record(context, connection, by, "suppress", detail=f"{reason}: {why}" if why else reason)


def suppress_file(
    context: RunContext, file: BinaryIO, *, on_refused: Callable[[RowResult], None], by: Actor
) -> Mapping[str, int]:
    """Never mail the addresses of a file again; return the number of addresses by outcome.

    Rows are written in batches while the file is read, and the audit row after the last batch.

    Args:
        context: the installation's context.
        file: the file, seekable and open in binary mode: one address a line, or a CSV with a column
            of addresses.
        on_refused: called for each row that cannot be read, as soon as it is known.
        by: the actor.

    Raises:
        CsvError: the file is too large or empty; nothing was written.
        StoreError: the database cannot be used.
    """
    results = suppressing.suppress_file(
        context.database.write,
        file,
        context.keys,
        now=context.clock(),
        allow_reserved=context.is_development,
    )
    counts = Counter[RowOutcome]()
    for result in results:
        counts[result.outcome] += 1
        if result.outcome is RowOutcome.REFUSED:
            on_refused(result)
    found = {str(outcome): counts[outcome] for outcome in suppressing.OUTCOMES}
    detail = ", ".join(f"{count} {outcome}" for outcome, count in found.items() if count)
    with context.database.write() as connection:
        record(context, connection, by, "suppress", detail=detail)
    return found


def unsuppress_address(context: RunContext, address: str, *, by: Actor) -> bool:
    """Allow mail to an address again; return whether it was suppressed.

    Raises:
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    wanted = _parsed(context, address)
    with context.database.write() as connection:
        is_freed = unsuppress(connection, context.keys, wanted)
        if is_freed:
            record(context, connection, by, "unsuppress")
    return is_freed


def erase(context: RunContext, address: str, *, by: Actor) -> bool:
    """Delete a person and suppress the address; return whether the person was known.

    Only a keyed hash of the address is kept, so that no later import mails them (GDPR Article 17).

    Raises:
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    wanted = _parsed(context, address)
    with context.database.write() as connection:
        was_known = persons.erase(connection, context.keys, wanted, now=context.clock())
        detail = "" if was_known else "not known; suppressed"
        record(context, connection, by, "erase", detail=detail)
    return was_known


def _parsed(context: RunContext, address: str) -> Address:
    return parse_typed(address, allow_reserved=context.is_development)
