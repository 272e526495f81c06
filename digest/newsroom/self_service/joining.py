"""The confirmation of a sign-up: the data of its page, and the effect of its button."""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.printing.local import day_in_sentence
from digest.models import SUBSCRIBER, EventKind, SignUp
from digest.models.paths import PublicPath
from digest.newsroom.audit import record
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.self_service.facts import facts_about
from digest.newsroom.self_service.forecast import next_edition_at
from digest.newsroom.self_service.notes import NoteKind, add_note
from digest.newsroom.self_service.own_fields import NO_VALUES, PREFIX, editable, parse_own
from digest.newsroom.self_service.sign_ups import (
    ask_for_others,
    forget_mails,
    load_fields,
    pending_subscription,
)
from digest.store import sign_ups as store
from digest.store.engine import Connection
from digest.store.events import add_subscriber_event
from subscribers.addresses import mask_address, parse_address
from subscribers.fieldvalues import fields_of, save_fields
from subscribers.joining import confirm_sign_up
from subscribers.people import find_public_id, find_subscription, list_subscriptions
from subscribers.preferences import Consent, Person, State, Subscription
from subscribers.tokens import Link, LinkSigner, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningPage:
    """A sign-up, as shown to its person."""

    #: The newsletter's name and title.
    newsletter: str
    title: str
    #: BCP 47 tag of the person's choice, else of the newsletter.
    language: str
    #: Like `a…@example.org`, because pages are also opened from forwarded mails.
    masked_address: str
    #: Whether the subscription is confirmed.
    is_confirmed: bool
    #: Schedule in words, such as `every Monday at 7:00 AM`.
    often: str
    #: The day of the next edition, with its weekday; empty without a cadence.
    next_day: str
    #: The person's own page.
    preferences_url: str


def find_joining(context: RunContext, link: Link) -> JoiningPage | None:
    """Return the sign-up of a link; None if it is not there any more, or too old. Changes nothing.

    Raises:
        UsageError: the newsletter is no longer configured.
        StoreError: the database cannot be used.
    """
    newsletter = context.newsletter_of(link.newsletter)
    with context.database.read() as connection:
        found = _find(context, connection, link)
        return _page(context, connection, newsletter, *found) if found else None


def join(context: RunContext, link: Link) -> JoiningPage | None:
    """Confirm the sign-up of a link; None if it is not there any more. Safe to repeat.

    Raises:
        UsageError: the newsletter is no longer configured.
        StoreError: the database cannot be written.
    """
    newsletter = context.newsletter_of(link.newsletter)
    with context.database.write() as connection:
        found = _find(context, connection, link)
        if found is None:
            return None
        person, subscription, sign_up = found
        if sign_up is not None:
            confirmed = _confirm(context, connection, newsletter, person, sign_up)
            if confirmed is None:
                return None
            subscription = confirmed
        return _page(context, connection, newsletter, person, subscription, None)


def _find(
    context: RunContext, connection: Connection, link: Link
) -> tuple[Person, Subscription, SignUp | None] | None:
    """Return the person, the subscription as it is or will be, and the sign-up that waits."""
    person = find_public_id(connection, link.public_id)
    if person is None:
        return None
    known = find_subscription(connection, person.id, link.newsletter)
    if known is not None and known.state is State.CONFIRMED and not person.suppressed:
        return person, known, None
    sign_up = store.find_sign_up(connection, person.id, link.newsletter)
    if sign_up is None or sign_up.at <= context.clock() - context.retention.unconfirmed:
        return None
    return person, pending_subscription(sign_up), sign_up


def _confirm(
    context: RunContext,
    connection: Connection,
    newsletter: NewsletterContext,
    person: Person,
    sign_up: SignUp,
) -> Subscription | None:
    """Store the confirmed subscription; None if the person may not be mailed."""
    now = context.clock()
    address = parse_address(person.address, allow_reserved=True)
    pending = pending_subscription(sign_up)
    confirmed = Subscription(
        newsletter=pending.newsletter,
        state=State.CONFIRMED,
        joined_at=pending.joined_at,
        preferences=pending.preferences,
        source=pending.source,
        consent=Consent(at=now, how="form", text=sign_up.wording),
    )
    # Anybody may fill in a form, so it changes no value of a person who has another newsletter.
    held = list_subscriptions(connection, person.id)
    is_reader = any(each.state is State.CONFIRMED for each in held)
    if not confirm_sign_up(connection, context.keys, person, address, confirmed):
        return None
    _save_fields(context, connection, person, sign_up, is_reader=is_reader)
    store.drop_sign_up(connection, sign_up.id)
    forget_mails(context, connection, address)
    record(context, connection, SUBSCRIBER, "confirm", newsletter=newsletter.name)
    add_subscriber_event(
        connection,
        EventKind.SUBSCRIBER_CONFIRMED,
        newsletter.name,
        (person.id,),
        how="form",
        source=pending.source,
    )
    if newsletter.has_welcome:
        key = f"{newsletter.name}/{now.isoformat()}"
        add_note(connection, NoteKind.WELCOME, person, newsletter.name, key=key, now=now)
    ask_for_others(context, connection, person)
    return confirmed


def _save_fields(
    context: RunContext,
    connection: Connection,
    person: Person,
    sign_up: SignUp,
    *,
    is_reader: bool,
) -> None:
    """Store the values of a confirmed sign-up; of a reader, only those that are missing."""
    inputs = {PREFIX + name: (value,) for name, value in load_fields(sign_up.choices).items()}
    # Read again, because the configuration may have changed since.
    sent = parse_own(inputs, editable(context.fields), NO_VALUES, language="en").values
    known = fields_of(connection, person.id) if is_reader else {}
    save_fields(
        connection,
        person.id,
        {name: value for name, value in sent.items() if value and name not in known},
    )


def _page(
    context: RunContext,
    connection: Connection,
    newsletter: NewsletterContext,
    person: Person,
    subscription: Subscription,
    sign_up: SignUp | None,
) -> JoiningPage:
    facts, chosen = facts_about(newsletter), subscription.preferences
    language = chosen.language or facts.language
    at = next_edition_at(connection, facts, chosen, now=context.clock())
    return JoiningPage(
        newsletter=newsletter.name,
        title=facts.title,
        language=language,
        masked_address=mask_address(person.address),
        is_confirmed=sign_up is None,
        often=facts.in_words(chosen.cadence, language),
        next_day=day_in_sentence(at, language=language, timezone=str(at.tzinfo)) if at else "",
        preferences_url=_preferences_url(context, newsletter, person),
    )


def _preferences_url(context: RunContext, newsletter: NewsletterContext, person: Person) -> str:
    link = Link(public_id=person.public_id, newsletter=newsletter.name)
    token = LinkSigner(context.keys[0]).sign(Purpose.PREFERENCES, link)
    return f"{newsletter.writer.site.base_url}/{PublicPath.PREFERENCES}/{token}"
