"""The mail after a confirmation: the newest edition, in the subscriber's categories.

It is outside the ledger: the subscriber's window starts as any newcomer's.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from digest.letter.addresser import Addresser
from digest.letter.note import Note
from digest.letter.printing.local import day_in_sentence
from digest.models import Edition, Message, Recipient, StoredEdition, Variant
from digest.models.paths import PublicPath
from digest.newsroom.self_service.facts import NewsletterFacts, facts_about
from digest.newsroom.self_service.forecast import next_edition_at
from digest.newsroom.self_service.notes import NoteCase
from digest.pipeline.audience import make_rule, variant_for
from digest.pipeline.prepare import dated_edition
from digest.store import editions
from digest.text.catalogue import translations_for
from subscribers.fieldvalues import printed_values
from subscribers.preferences import State, Subscription, dump_categories
from subscribers.tokens import Purpose, key_id


def write_welcome(case: NoteCase) -> Note | Message | None:
    """Return the mail; a short note if there is no edition yet, None if the subscriber has left.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    subscription = case.subscription
    if subscription is None or subscription.state is not State.CONFIRMED:
        return None
    facts = facts_about(case.newsletter)
    stored = _newest(case, subscription)
    edition = dated_edition(stored, now=case.notice.created_at) if stored else None
    variant = _variant_of(edition, subscription) if edition else None
    if stored is None or edition is None or variant is None:
        return _short_note(case, facts, subscription)
    gettext = translations_for(variant.language).gettext
    greeting = gettext("Welcome, and thank you for signing up. This is the newest edition.")
    masthead = replace(
        edition.masthead,
        intro=(f"{greeting} {_when(case, facts, subscription, variant.language)}".strip(),),
        editor="",
    )
    subject = gettext("Welcome to %(title)s") % {"title": facts.title}
    return _address(
        case,
        subscription,
        stored,
        replace(edition, masthead=masthead),
        replace(variant, subject=subject, preheader=greeting),
    )


def _newest(case: NoteCase, subscription: Subscription) -> StoredEdition | None:
    """Return the newest edition of the subscriber's rhythm, else of any."""
    name = case.newsletter.name
    with case.context.database.read() as connection:
        found = editions.newest_finished_id(
            connection, name, subscription.preferences.cadence
        ) or editions.newest_finished_id(connection, name)
        return editions.get_edition(connection, found) if found else None


def _variant_of(edition: Edition, subscription: Subscription) -> Variant | None:
    chosen = subscription.preferences
    rule = make_rule(
        dump_categories(chosen.categories),
        edition.last_cut_seq,
        chosen.language,
        chosen.text_size,
    )
    return variant_for(edition, rule)


def _address(
    case: NoteCase,
    subscription: Subscription,
    stored: StoredEdition,
    edition: Edition,
    variant: Variant,
) -> Message:
    writer, keys, notice = case.newsletter.writer, case.context.keys, case.notice
    addresser = Addresser(
        writer.identity,
        stored.id,
        newsletter=edition.newsletter,
        language=edition.language,
        timezone=edition.timezone,
        keys=keys,
        key_id=key_id(keys[0]),
    )
    person = case.person
    with case.context.database.read() as connection:
        values = printed_values(connection, person)
    recipient = Recipient(
        subscriber_id=person.id,
        public_id=person.public_id,
        address=person.address,
        joined_at=subscription.joined_at if subscription.is_joined_known else None,
        language=subscription.preferences.language,
        fields=tuple(values.items()),
    )
    number = hashlib.sha256(f"{notice.key}\0{notice.id}\0{person.public_id}".encode()).hexdigest()
    pieces = writer.write(edition, variant).pieces
    message = addresser.address(pieces, recipient, notice.created_at, number=number[:24])
    # The edition has no delivery to this person that its return address could name.
    return replace(message, sender=case.return_address or message.sender)


def _short_note(case: NoteCase, facts: NewsletterFacts, subscription: Subscription) -> Note:
    gettext = translations_for(case.language).gettext
    return Note(
        subject=gettext("Welcome to %(title)s") % {"title": facts.title},
        heading=gettext("You are in"),
        paragraphs=tuple(
            filter(
                None,
                (
                    gettext("Welcome, and thank you for signing up."),
                    _when(case, facts, subscription, case.language),
                ),
            )
        ),
        button=gettext("Change my preferences"),
        url=case.link(PublicPath.PREFERENCES, Purpose.PREFERENCES),
    )


def _when(case: NoteCase, facts: NewsletterFacts, subscription: Subscription, language: str) -> str:
    """Return the sentence that names the day of the next edition; empty without a cadence."""
    chosen, now = subscription.preferences, case.notice.created_at
    with case.context.database.read() as connection:
        at = next_edition_at(connection, facts, chosen, now=now)
    if at is None:
        return ""
    day = day_in_sentence(at, language=language, timezone=str(at.tzinfo))
    return translations_for(language).gettext("The next one comes on %(day)s.") % {"day": day}
