"""Lists one subscriber's mails: every edition's delivery, and why an edition has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.errors import NothingToDo, UsageError
from digest.models import DeliveryState, EditionState, Reply
from digest.newsroom.absences import Absence, SubscriberFacts, explain
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.reason_words import reason_in_words
from digest.sender.replies import queue_id
from digest.store.absences import (
    editions_without,
    is_in_audience,
    is_person_waiting,
    suppressed_since,
)
from digest.store.engine import Connection
from digest.store.history import PastDelivery, deliveries_of
from subscribers.addresses import parse_typed
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import Person, Subscription
from subscribers.suppression import find_reasons

__all__ = ["Absence", "PastDelivery", "ShownDelivery", "SubscriberMails", "read_deliveries"]

#: Of the newest editions of a subscriber's newsletters, those without a delivery are explained.
_EDITIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDelivery:
    """One delivery, with what its stored words mean."""

    delivery: PastDelivery
    #: The reason of its state in words; empty if there is none.
    meaning: str
    #: The id under which the mail server stored the mail; empty if it named none.
    queue_id: str
    #: What to answer to "I did not get it".
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberMails:
    """The known facts about the mails to one address."""

    person_id: int
    address: str
    #: Why the address must not be mailed; empty if it may be.
    suppressed: tuple[str, ...]
    suppressed_at: datetime | None
    subscriptions: tuple[Subscription, ...]
    #: Newest first.
    deliveries: tuple[ShownDelivery, ...]
    #: Of the newest editions, those without a delivery; newest first.
    absences: tuple[Absence, ...]


def read_deliveries(
    context: RunContext,
    address: str,
    newsletter: str | None = None,
    *,
    most: int = 200,
    before: int | None = None,
) -> SubscriberMails:
    """Return the deliveries of one subscriber, one for each edition, newest first.

    Args:
        context: the installation's context.
        address: the subscriber's address.
        newsletter: the newsletter's name; None for all newsletters.
        most: the limit of deliveries.
        before: the edition before whose mail they begin; None for the newest.

    Raises:
        SubscriberError: the address is not valid.
        UsageError: no subscriber has this address.
        NothingToDo: the address was erased, or it is suppressed without a subscriber.
    """
    wanted = parse_typed(address, allow_reserved=True)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        suppressed_at = suppressed_since(connection, context.keys, wanted)
        if person is None:
            raise _no_person(address, find_reasons(connection, context.keys, wanted))
        subscriptions = tuple(
            each
            for each in list_subscriptions(connection, person.id)
            if newsletter in (None, each.newsletter)
        )
        absences = _absences(context, connection, person, subscriptions, suppressed_at)
        found = deliveries_of(connection, person.id, most=most, before=before)
    return SubscriberMails(
        person_id=person.id,
        address=person.address,
        suppressed=person.suppressed,
        suppressed_at=suppressed_at if person.suppressed else None,
        subscriptions=subscriptions,
        deliveries=tuple(
            show_delivery(each) for each in found if newsletter in (None, each.newsletter)
        ),
        absences=absences,
    )


def _no_person(address: str, reasons: tuple[str, ...]) -> UsageError | NothingToDo:
    if "erased" in reasons:
        return NothingToDo(
            f"{address}: erased at the person's request; it gets no mail, and what was sent to it"
            " before is stored without the person and cannot be shown"
        )
    if reasons:
        return NothingToDo(
            f"{address}: no subscriber has this address, and it must not be mailed"
            f" ({', '.join(reasons)}); see `digest subscribers unsuppress --help`"
        )
    return UsageError(f"{address}: no subscriber has this address; see `digest subscribers export`")


def _absences(
    context: RunContext,
    connection: Connection,
    person: Person,
    subscriptions: tuple[Subscription, ...],
    suppressed_at: datetime | None,
) -> tuple[Absence, ...]:
    facts = {
        each.newsletter: SubscriberFacts(
            person=person,
            subscription=each,
            suppressed_at=suppressed_at,
            is_waiting=is_person_waiting(connection, person.id, each.newsletter),
            owner=_owner(context, each.newsletter),
            is_in=lambda key: is_in_audience(connection, person.id, key),
        )
        for each in subscriptions
    }
    missing = editions_without(connection, person.id, tuple(facts), most=_EDITIONS)
    return tuple(explain(each, facts[each.newsletter]) for each in missing)


def _owner(context: RunContext, name: str) -> NewsletterContext | None:
    return next((each for each in context.newsletters if each.name == name), None)


def show_delivery(delivery: PastDelivery) -> ShownDelivery:
    """Return a delivery with what its stored words mean."""
    code, text = delivery.reply_code, delivery.reply_text
    stored_as = queue_id(Reply(code=code, text=text)) if code else ""
    meaning = reason_in_words(delivery.reason)
    return ShownDelivery(
        delivery=delivery,
        meaning=meaning,
        queue_id=stored_as if delivery.state is DeliveryState.SENT else "",
        answer=_answer(delivery, meaning, stored_as) + _paused(delivery),
    )


def _answer(delivery: PastDelivery, meaning: str, stored_as: str) -> str:
    """Return what to say to a subscriber who did not get the mail, and what to do."""
    match delivery.state:
        case DeliveryState.SENT if delivery.reply_code:
            by_id = f" for {stored_as}" if stored_as else ""
            return (
                f"{delivery.relay} accepted it. Look in the spam folder, then in the log of that"
                f" server{by_id}."
            )
        case DeliveryState.SENT:
            return (
                "It counts as sent, but no mail server confirmed it: it was written as a file"
                " (`--outbox`), or counted so (`digest resolve --assume-sent`)."
            )
        case DeliveryState.DEFERRED:
            why = meaning or "it was not accepted"
            return f"It is not there yet, because {why}. It is tried again."
        case DeliveryState.FAILED:
            return f"It was not delivered: {meaning or 'it was refused'}."
        case DeliveryState.UNKNOWN:
            again = f"`digest resolve {delivery.edition_id} --resend`"
            return (
                f"It may have arrived; the server never answered. {again} sends such mails again."
            )
        case DeliveryState.SKIPPED:
            return f"It was not sent: {meaning}."
        case _:
            return "It waits for its turn and was not sent yet."


def _paused(delivery: PastDelivery) -> str:
    if delivery.ended_at or delivery.edition_state is not EditionState.PAUSED:
        return ""
    return (
        f" The edition is paused ({delivery.paused_reason}): nothing of it is sent before"
        f" `digest resume {delivery.edition_id}`."
    )
