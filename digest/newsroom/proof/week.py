"""Opens the proof of a past week: of its editions, or of the one that it would have had."""

from __future__ import annotations

from dataclasses import replace

from digest.composer.snapshot import content_hash, edition_to_json
from digest.errors import UsageError
from digest.models import Edition
from digest.newsroom import replay
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.proof.memory import LetterMemory
from digest.newsroom.proof.opening import (
    OpenedEdition,
    addressee_of,
    known_subscriber,
    person_of,
)
from digest.newsroom.proof.people import EVERYONE, Addressee, stock_people
from digest.newsroom.proof.proof import make_proof
from digest.newsroom.replay import Week
from digest.pipeline.audience import make_rule, variant_for
from digest.store.engine import Connection


def editions_of_week(context: RunContext, newsletter: str, week: str) -> tuple[int, ...]:
    """Return the ids of the editions whose slot is in a week such as `2026-W40`, oldest first.

    Raises:
        UsageError: the newsletter or the week does not exist.
    """
    owner, parsed = context.newsletter_of(newsletter), Week.parse(week)
    with context.database.read() as connection:
        return tuple(each.id for each in replay.editions_in(connection, owner.name, parsed))


def open_week(
    context: RunContext, memory: LetterMemory, newsletter: str, week: str, who: str
) -> OpenedEdition:
    """Compose the edition that a week would have had, and open its mail for a person.

    Raises:
        UsageError: the newsletter, the week or the person does not exist.
        NothingToDo: too few posts were first seen in that week.
        TemplateError: a template cannot be rendered.
    """
    owner, parsed = context.newsletter_of(newsletter), Week.parse(week)
    cadence = owner.cadences[0]
    with context.database.read() as connection:
        edition = replay.recompose(connection, cadence.rules, cadence.settings.schedule, parsed)
        people = stock_people(edition, now=context.clock())
        addressee = next((each for each in people if each.key == (who or EVERYONE)), None)
        if addressee is None:
            addressee = _subscriber(connection, owner, edition, who)
    opened = OpenedEdition(
        stored=None, edition=edition, people=people, addressee=addressee, proof=None
    )
    variant = variant_for(edition, addressee.rule)
    if variant is None:
        return replace(opened, why="That week had no story for this person.")
    writer = memory.writer(owner.writer, content_hash(edition_to_json(edition)))
    letter = writer.write(edition, variant)
    proof = make_proof(
        owner.writer,
        edition,
        addressee,
        letter,
        number=f"{owner.name}-{week}",
        now=edition.due_at,
    )
    return replace(opened, proof=proof)


def _subscriber(
    connection: Connection, owner: NewsletterContext, edition: Edition, who: str
) -> Addressee:
    """Return a subscriber, with the week as window."""
    if not (person_id := person_of(who)):
        raise UsageError("the preview knows nobody with this name; choose one of the list")
    subscriber = known_subscriber(connection, owner.name, person_id)
    chosen = subscriber.subscription.preferences
    rule = make_rule(subscriber.categories, edition.last_cut_seq, chosen.language, chosen.text_size)
    return addressee_of(connection, owner, edition, subscriber, rule)
