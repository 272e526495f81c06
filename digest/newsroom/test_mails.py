"""Sends test mails from the desk: to listed testers only, and not too many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from digest.errors import RelayError, TooMany, UsageError
from digest.models import Actor
from digest.newsroom.audit import entry
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.test import TestMail, send_tests, write_tests
from digest.store.audit import add_entry
from digest.store.test_mails import TEST, count_tests
from subscribers.addresses import mask_address

#: Test mails of one account, and of all together, within `WITHIN`.
MOST_OF_ONE, MOST_OF_ALL = 20, 60
WITHIN = timedelta(hours=1)
#: The most recipients of one test.
MOST_AT_ONCE = 10
#: How long the desk waits for the relay.
PATIENCE_S = 60.0


def list_testers(context: RunContext, edition_id: int, *, by: Actor) -> tuple[str, ...]:
    """Return who may get test mails of an edition: its newsletter's testers and approvers.

    An account whose name is a mail address comes first.

    Raises:
        UsageError: the edition, or its newsletter, does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    owner = context.newsletter_of(stored.newsletter)
    own = (by.name,) if "@" in by.name else ()
    return tuple(dict.fromkeys((*own, *owner.testers, *owner.approvers)))


async def send_to_testers(
    context: RunContext,
    edition_id: int,
    addresses: Sequence[str],
    *,
    as_address: str = "",
    by: Actor,
) -> tuple[TestMail, ...]:
    """Send a marked copy of an edition to some of its testers; no delivery is stored.

    Args:
        context: the installation's context.
        edition_id: the edition.
        addresses: the recipients, of `list_testers`.
        as_address: the subscriber whose mail is sent; empty for all categories.
        by: the actor.

    Raises:
        UsageError: no recipient, too many, one that is no tester, or the edition or the subscriber
            does not exist.
        NothingToDo: the edition has no stories, or none for that subscriber.
        TooMany: too many test mails were sent lately.
        RelayError: no relay can be used, or none answers in a minute.
        TemplateError: a template cannot be rendered.
    """
    wanted = tuple(dict.fromkeys(addresses))
    allowed = await asyncio.to_thread(list_testers, context, edition_id, by=by)
    _refuse_others(wanted, allowed)
    messages = await asyncio.to_thread(
        write_tests, context, "", edition_id, list(wanted), as_address=as_address
    )
    await asyncio.to_thread(_take_turns, context, edition_id, len(messages), by)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await send_tests(context, messages)
    except TimeoutError as error:
        raise RelayError(
            f"the relay did not answer within {PATIENCE_S:g} s; some of the test mails may arrive"
        ) from error


def _refuse_others(wanted: Sequence[str], allowed: Sequence[str]) -> None:
    if not wanted:
        raise UsageError("choose who gets the test mail")
    if len(wanted) > MOST_AT_ONCE:
        raise UsageError(f"at most {MOST_AT_ONCE} test mails at once; choose fewer")
    known = {address.lower() for address in allowed}
    for address in wanted:
        if address.lower() not in known:
            raise UsageError(
                f"{mask_address(address)}: not a tester of this newsletter; add the address to"
                " `testers` in the configuration"
            )


def _take_turns(context: RunContext, edition_id: int, mails: int, by: Actor) -> None:
    """Store the audit row of each mail, unless that would be too many."""
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        counts = count_tests(connection, since=context.clock() - WITHIN)
        if counts.get(by.name, 0) + mails > MOST_OF_ONE:
            raise TooMany(f"too many test mails: at most {MOST_OF_ONE} an hour; try later")
        if sum(counts.values()) + mails > MOST_OF_ALL:
            raise TooMany(
                f"too many test mails: at most {MOST_OF_ALL} an hour from all accounts; try later"
            )
        row = entry(context, by, TEST, newsletter=stored.newsletter, edition_id=edition_id)
        for _ in range(mails):
            add_entry(connection, row)
