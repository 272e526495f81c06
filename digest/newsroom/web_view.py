"""Renders a subscriber's edition as a web page, and finds the pictures that mails show."""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.letter import render_web
from digest.models import Edition, EditionState, StoredEdition
from digest.newsroom.context import RunContext
from digest.pipeline.audience import VariantRule, make_rule, rule_of_variant, variant_for
from digest.pipeline.prepare import dated_edition
from digest.store import editions, pictures, variants
from subscribers.fieldvalues import printed_values
from subscribers.people import find_public_id, find_subscription
from subscribers.preferences import State, Subscription, dump_categories
from subscribers.tokens import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPicture:
    """A picture for an HTTP response."""

    #: `image/jpeg` or `image/png`.
    media_type: str
    content: bytes


def show_edition(context: RunContext, link: Link) -> str | None:
    """Return a subscriber's variant of an edition as a web page.

    The page has no link that ends or changes a subscription; it prints the subscriber's own values
    as they are now. A confirmed subscriber who joined after a finished edition, and got it as a
    welcome, sees it in their categories. None if the edition does not exist, or if this subscriber
    did not get it.

    Raises:
        UsageError: the newsletter is no longer configured.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        person = find_public_id(connection, link.public_id)
        stored = editions.get_edition(connection, link.number or 0)
        if person is None or stored is None or stored.newsletter != link.newsletter:
            return None
        got = variants.variant_of_subscriber(connection, stored.id, person.id)
        values = printed_values(connection, person)
        subscription = find_subscription(connection, person.id, stored.newsletter)
    edition = dated_edition(stored, now=context.clock())
    rule = rule_of_variant(got) if got else _welcome_rule(stored, edition, subscription)
    variant = variant_for(edition, rule) if rule else None
    if variant is None:
        return None
    writer = context.newsletter_of(stored.newsletter).writer
    shown = writer.identity.shown_values(values, variant.language)
    return render_web(edition, variant, writer.site, writer.renderer, shown)


def _welcome_rule(
    stored: StoredEdition, edition: Edition, subscription: Subscription | None
) -> VariantRule | None:
    """Return the rule for a subscriber without a mail; None if they may not see the edition."""
    if subscription is None or subscription.state is not State.CONFIRMED:
        return None
    if stored.state is not EditionState.FINISHED:
        return None
    chosen = subscription.preferences
    categories = dump_categories(chosen.categories)
    return make_rule(categories, edition.last_cut_seq, chosen.language, chosen.text_size)


def find_picture(context: RunContext, file: str) -> ServedPicture | None:
    """Return the picture with that file name; None if it does not exist.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = pictures.find_file(connection, file)
    return ServedPicture(media_type=found.media_type, content=found.content) if found else None
