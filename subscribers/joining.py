"""From a sign-up to a subscription: a question to the address, and the confirmation.

Anybody may type any address into a form, so a sign-up alone changes nothing for a person who is
stored already. Only the owner of the address can confirm, which is a new consent: it ends an
earlier leaving, a bounce and an erasure, but neither a complaint nor a suppression by the operator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from subscribers.addresses import Address
from subscribers.people import (
    add_person,
    confirm,
    find_person,
    find_subscription,
    subscribe,
)
from subscribers.preferences import Person, State, Subscription
from subscribers.suppression import SuppressionReason, find_reasons, suppress, unsuppress

#: The suppressions that a confirmed sign-up ends.
LIFTED = frozenset({SuppressionReason.BOUNCED, SuppressionReason.ERASED})


class Reply(StrEnum):
    """The mail that answers a sign-up."""

    #: The question whether its owner wants the newsletter.
    ASK = "ask"
    #: The owner has the newsletter already.
    HAS_IT = "has-it"
    #: Nothing: the owner complained, or the operator suppressed the address.
    NOTHING = "nothing"


def reply_to(subscription: Subscription | None, reasons: Iterable[str]) -> Reply:
    """Decide what the address of a sign-up is mailed. Pure.

    Args:
        subscription: the person's subscription to the newsletter; None if there is none.
        reasons: why the address is suppressed.
    """
    state = subscription.state if subscription else State.PENDING
    if state is State.COMPLAINED or not LIFTED.issuperset(reasons):
        return Reply.NOTHING
    return Reply.HAS_IT if state is State.CONFIRMED and not set(reasons) else Reply.ASK


def store_applicant(
    connection: Connection,
    keys: Sequence[str],
    address: Address,
    subscription: Subscription,
    *,
    now: datetime,
) -> tuple[Person, bool]:
    """Store the person of a sign-up, and a pending subscription if they have none.

    Args:
        connection: a connection inside a transaction.
        keys: the secret keys, newest first.
        address: the address.
        subscription: the pending subscription.
        now: the time.

    Returns:
        The person, and whether the subscription is new.
    """
    person = find_person(connection, address)
    if person is None:
        person = add_person(connection, address, name="", now=now)
        # An address that was erased is still suppressed: the person gets the copy of that.
        for reason in find_reasons(connection, keys, address):
            suppress(connection, keys, address, SuppressionReason(reason), now=now)
    if find_subscription(connection, person.id, subscription.newsletter) is not None:
        return person, False
    subscribe(connection, person.id, subscription)
    return person, True


def confirm_sign_up(
    connection: Connection,
    keys: Sequence[str],
    person: Person,
    address: Address,
    subscription: Subscription,
) -> bool:
    """Replace the person's subscription by the confirmed one; end what kept mail from them.

    Args:
        connection: a connection inside a transaction.
        keys: the secret keys, newest first.
        person: the person.
        address: the person's address.
        subscription: the subscription as signed up for, with its consent. Its window is that of a
            newcomer.

    Returns:
        False if the person has no subscription to confirm, or complained, or left at this moment,
        or is suppressed for another reason than bounces or erasure.
    """
    known = find_subscription(connection, person.id, subscription.newsletter)
    reasons = find_reasons(connection, keys, address)
    if known is None or reply_to(known, reasons) is not Reply.ASK:
        return False
    if not confirm(connection, person.id, known, subscription):
        return False
    if reasons:
        unsuppress(connection, keys, address)
    return True
