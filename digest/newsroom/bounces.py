"""Reads mails that came back and acts on them: suppresses, unsubscribes or counts a failure.

The events of mail providers are read the same way: see `digest.newsroom.hooks`. A mail counts only
if a signature in it names the delivery: that of the return address, or that of the Message-ID. An
address alone never counts, because anyone can write one. Safe to repeat: a report about a
subscriber is acted upon once.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hmac import compare_digest

from digest.bounces.classes import BounceClass, Effect, Verdict
from digest.bounces.judge import judge_mail, judge_report
from digest.bounces.parse import Kind, Mail, parse_mail
from digest.bounces.score import must_suppress
from digest.letter.printing.headers import message_id
from digest.models import Actor, BounceOutcome, EventKind, MailedSubscriber, StoredBounce
from digest.newsroom.audit import record
from digest.newsroom.bounced_editions import guard_edition
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.leaving import record_choice
from digest.store import bounces
from digest.store.engine import Connection
from digest.store.events import add_subscriber_event
from subscribers.addresses import Address, parse_address
from subscribers.errors import SubscriberError
from subscribers.people import complain, find_person, leave, list_subscriptions
from subscribers.preferences import State
from subscribers.return_paths import ReturnPath, ReturnPurpose, read_return_path
from subscribers.suppression import SuppressionReason, suppress

#: Of the words of a mail server, this much is stored.
_MAX_WORDS = 500
#: What a mail that is no report, sent to an address of requests to unsubscribe, is stored as.
_UNSUBSCRIBE = "unsubscribe"
_MESSAGE_ID = re.compile(r"<e([1-9][0-9]{0,18})\.[0-9a-f]{20}@([\w.-]{1,255})>", re.IGNORECASE)
#: From the mildest to the most severe.
_SEVERITY = (Effect.NOTHING, Effect.SCORE, Effect.CONFIRM, Effect.SUPPRESS, Effect.LEAVE_ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceReport:
    """The counts of one reading, and its consequences."""

    #: Mails read.
    read: int
    #: Mails without a valid signature; they change nothing.
    unsigned: int
    #: Mails read before.
    repeated: int
    #: Number of mails by class, of the others.
    classes: dict[str, int]
    #: Number of mails by outcome, of the same.
    outcomes: dict[str, int]
    #: What many reports say about an edition of which there was new mail, one line each.
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The result of one mail."""

    #: None if it had no valid signature.
    stored: StoredBounce | None = None
    #: Whether it was stored before.
    is_repeated: bool = False


def ingest(context: RunContext, mails: Iterable[bytes], *, by: Actor) -> BounceReport:
    """Read mails and act on each, in a transaction of its own.

    Raises:
        StoreError: the database cannot be used.
    """
    counts: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    # By edition, whether there was a new mail about it.
    editions: dict[int, bool] = {}
    for raw in mails:
        counts["read"] += 1
        mail = parse_mail(raw)
        taken = act_on(context, mail, mail.message_id.encode() or raw, by=by)
        if taken.stored is None:
            counts["unsigned"] += 1
            continue
        if taken.stored.edition_id is not None:
            is_new = editions.get(taken.stored.edition_id, False) or not taken.is_repeated
            editions[taken.stored.edition_id] = is_new
        if taken.is_repeated:
            counts["repeated"] += 1
        else:
            classes[taken.stored.bounce_class] += 1
            outcomes[taken.stored.outcome] += 1
    return BounceReport(
        read=counts["read"],
        unsigned=counts["unsigned"],
        repeated=counts["repeated"],
        classes=dict(sorted(classes.items())),
        outcomes=dict(sorted(outcomes.items())),
        warnings=tuple(
            line
            for edition_id, is_new in sorted(editions.items())
            # Without new mail too: the reading before may have ended early.
            for line in guard_edition(context, edition_id, by=by)
            if is_new
        ),
    )


def act_on(context: RunContext, mail: Mail, identity: bytes, *, by: Actor) -> Taken:
    """Act on a mail that was read, or on a provider's event.

    Args:
        context: the installation's context.
        mail: the mail.
        identity: what is the same only if the mail comes again.
        by: the actor.

    Raises:
        StoreError: the database cannot be used.
    """
    key = hashlib.sha256(identity).hexdigest()
    with context.database.write() as connection:
        path, subscriber = _identify(context, connection, mail)
        if path is None or subscriber is None:
            return Taken()
        if known := bounces.find_bounce(connection, subscriber.person_id, key):
            return Taken(stored=known, is_repeated=True)
        is_request = path.purpose is ReturnPurpose.UNSUBSCRIBE or mail.kind is Kind.UNSUBSCRIBE
        act = _unsubscribe if is_request else _act
        stored = act(context, connection, mail, subscriber, key)
        if stored.outcome is BounceOutcome.SUPPRESSED:
            record(
                context,
                connection,
                by,
                "bounce",
                newsletter=subscriber.newsletter,
                edition_id=subscriber.edition_id,
                detail=f"{stored.outcome}: {stored.bounce_class}",
            )
        return Taken(stored=stored)


# --- whose mail ---------------------------------------------------------------------------------


def _identify(
    context: RunContext, connection: Connection, mail: Mail
) -> tuple[ReturnPath | None, MailedSubscriber | None]:
    """Return the signed delivery that a mail is about; None if there is none."""
    for path in _signed_paths(context, connection, mail):
        found = _find_subscriber(connection, path)
        if found is not None:
            return path, found
    return None, None


def _find_subscriber(connection: Connection, path: ReturnPath) -> MailedSubscriber | None:
    number, person = path.edition_id, path.subscriber_id
    if path.purpose is ReturnPurpose.NOTE:
        return bounces.find_noted(connection, number, person)
    found = bounces.find_mailed(connection, number, person)
    if found is None and path.purpose is ReturnPurpose.UNSUBSCRIBE:
        return bounces.find_welcomed(connection, number, person)
    return found


def _signed_paths(context: RunContext, connection: Connection, mail: Mail) -> list[ReturnPath]:
    """Return the deliveries whose signature a mail carries, the most telling first."""
    sent_to = [_read_path(context, each) for each in mail.sent_to]
    # The returned mail names the address of requests too, which is no request.
    mentioned = [
        path
        for each in mail.mentioned
        if (path := _read_path(context, each)) and path.purpose is not ReturnPurpose.UNSUBSCRIBE
    ]
    paths = [path for path in sent_to if path is not None] + mentioned
    return paths or _paths_by_message_id(context, connection, mail)


def _read_path(context: RunContext, address: str) -> ReturnPath | None:
    return read_return_path(address, context.keys, context.return_domain)


def _paths_by_message_id(
    context: RunContext, connection: Connection, mail: Mail
) -> list[ReturnPath]:
    """Return the deliveries to the reported recipients whose Message-IDs the mail names.

    The address only finds the person; the Message-ID is the signature.
    """
    people = []
    for report in mail.reports:
        address = _address_of(report.recipient)
        if address and (person := find_person(connection, address)):
            people.append(person.id)
    found = []
    for match in filter(None, map(_MESSAGE_ID.fullmatch, mail.mentioned)):
        edition_id, domain = int(match[1]), match[2]
        for person_id in people:
            ids = (message_id(edition_id, person_id, k.encode(), domain) for k in context.keys)
            if any(compare_digest(each.lower(), match[0].lower()) for each in ids):
                path = ReturnPath(
                    purpose=ReturnPurpose.BOUNCE, edition_id=edition_id, subscriber_id=person_id
                )
                found.append(path)
    return found


def _address_of(text: str) -> Address | None:
    try:
        return parse_address(text, allow_reserved=True)
    except SubscriberError:
        return None


# --- what follows -------------------------------------------------------------------------------


def _unsubscribe(
    context: RunContext,
    connection: Connection,
    mail: Mail,
    subscriber: MailedSubscriber,
    key: str,
) -> StoredBounce:
    """End the subscription because its subscriber wrote to the address for that."""
    is_request = mail.kind in (Kind.OTHER, Kind.AUTO_REPLY, Kind.UNSUBSCRIBE)
    outcome = BounceOutcome.UNSUBSCRIBED if is_request else BounceOutcome.NOTHING
    stored = StoredBounce(
        person_id=subscriber.person_id,
        edition_id=subscriber.edition_id,
        report=key,
        bounce_class=_UNSUBSCRIBE,
        is_scored=False,
        is_unconfirmed=False,
        outcome=outcome,
        words="",
        at=context.clock(),
    )
    bounces.add_bounce(connection, stored)
    if is_request:
        newsletter = subscriber.newsletter
        if leave(connection, subscriber.person_id, newsletter, how="mail", now=stored.at):
            record_choice(connection, "leave", newsletter, "mail", now=stored.at)
            _tell(connection, EventKind.SUBSCRIBER_LEFT, subscriber, how="mail")
    return stored


def _act(
    context: RunContext,
    connection: Connection,
    mail: Mail,
    subscriber: MailedSubscriber,
    key: str,
) -> StoredBounce:
    """Store a report and do what it asks for."""
    verdict = _verdict_of(mail, subscriber)
    is_scored = verdict.effect in (Effect.SCORE, Effect.CONFIRM)
    stored = StoredBounce(
        person_id=subscriber.person_id,
        edition_id=subscriber.edition_id,
        report=key,
        bounce_class=verdict.bounce_class,
        is_scored=is_scored,
        is_unconfirmed=verdict.effect is Effect.CONFIRM,
        outcome=BounceOutcome.COUNTED if is_scored else BounceOutcome.NOTHING,
        words=_words_of(mail),
        at=context.clock(),
    )
    bounces.add_bounce(connection, stored)
    reason = _reason_to_suppress(connection, verdict, stored)
    if reason is None:
        return stored
    if reason is SuppressionReason.COMPLAINED:
        _end_all(connection, subscriber, stored)
    address = parse_address(subscriber.address, allow_reserved=True)
    is_new = suppress(connection, context.keys, address, reason, now=stored.at)
    if is_new and reason is SuppressionReason.BOUNCED:
        how = str(verdict.bounce_class)
        _tell(connection, EventKind.SUBSCRIBER_BOUNCED, subscriber, how=how)
    bounces.set_outcome(connection, subscriber.person_id, key, BounceOutcome.SUPPRESSED)
    return replace(stored, outcome=BounceOutcome.SUPPRESSED)


def _end_all(connection: Connection, subscriber: MailedSubscriber, stored: StoredBounce) -> None:
    """End every subscription of a person who complained."""
    for held in list_subscriptions(connection, subscriber.person_id):
        if held.state not in (State.LEFT, State.COMPLAINED):
            theirs = replace(subscriber, newsletter=held.newsletter)
            _tell(connection, EventKind.SUBSCRIBER_LEFT, theirs, how="complaint")
    complain(connection, subscriber.person_id, now=stored.at)


def _tell(
    connection: Connection, kind: EventKind, subscriber: MailedSubscriber, *, how: str
) -> None:
    add_subscriber_event(
        connection,
        kind,
        subscriber.newsletter,
        (subscriber.person_id,),
        how=how,
        edition=subscriber.edition_id,
    )


def _verdict_of(mail: Mail, subscriber: MailedSubscriber) -> Verdict:
    """Return the verdict about the subscriber; the mildest if the report names others only."""
    if subscriber.has_moved and mail.kind is not Kind.COMPLAINT:
        # About the mailbox that the subscriber had before.
        return Verdict(bounce_class=BounceClass.NONE, effect=Effect.NOTHING)
    own = [
        judge_report(report, mail)
        for report in mail.reports
        if mail.kind is not Kind.COMPLAINT
        and report.recipient.lower() == subscriber.address.lower()
    ]
    return min(own or judge_mail(mail), key=lambda verdict: _SEVERITY.index(verdict.effect))


def _words_of(mail: Mail) -> str:
    words = next((report.diagnostic for report in mail.reports if report.diagnostic), mail.text)
    # PostgreSQL stores no NUL.
    return words.replace("\0", "")[:_MAX_WORDS]


def _reason_to_suppress(
    connection: Connection, verdict: Verdict, stored: StoredBounce
) -> SuppressionReason | None:
    """Return why the address must not be mailed any more; None if it may be."""
    if verdict.effect is Effect.LEAVE_ALL:
        return SuppressionReason.COMPLAINED
    failures = bounces.failures_in_a_row(connection, stored.person_id)
    has_failed = verdict.effect is Effect.SUPPRESS or must_suppress(stored, failures)
    return SuppressionReason.BOUNCED if has_failed else None
