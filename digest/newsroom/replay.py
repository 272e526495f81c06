"""Recomposes the edition of any week, and the mail of any subscriber. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.composer.edition import compose as compose_edition
from digest.composer.rules import Issue, Rules
from digest.errors import NothingToDo, UsageError
from digest.letter.printing.message import Pieces
from digest.letter.writer import LetterWriter
from digest.models import AudienceGroup, Candidate, Edition, StoredEdition, Variant
from digest.pipeline.audience import (
    AudienceRule,
    VariantRule,
    general_rule,
    make_rule,
    rule_of_variant,
    variant_for,
)
from digest.pipeline.policy import with_no_quotes
from digest.pipeline.prepare import dated_edition, mend_general, read_distribution
from digest.pipeline.window import read_candidates
from digest.scheduler.slots import Schedule, next_slot
from digest.store import editions, posts, variants
from digest.store.choices import read_choices
from digest.store.engine import Connection
from digest.store.segments import is_in_segment
from digest.store.waiting import waits_for_resolve
from subscribers.addresses import Address
from subscribers.people import find_person, find_subscription
from subscribers.preferences import Person, State, Subscription, dump_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of the ISO calendar."""

    monday: date

    @classmethod
    def parse(cls, text: str) -> Week:
        """Read `2026-W40`.

        Raises:
            UsageError: the text is not an ISO week, or the week does not exist.
        """
        try:
            return cls(monday=datetime.strptime(f"{text}-1", "%G-W%V-%u").date())  # noqa: DTZ007 - a day, without a zone
        except ValueError as error:
            raise UsageError(f"week {text!r}: must be an ISO week such as 2026-W40") from error

    @property
    def next_monday(self) -> date:
        """The Monday after the week."""
        return self.monday + timedelta(days=7)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the begin and the end of the week in a zone."""
        start = datetime.combine(self.monday, time(), tzinfo=zone)
        return start, datetime.combine(self.next_monday, time(), tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One person and their subscription to a newsletter."""

    person: Person
    subscription: Subscription

    @property
    def categories(self) -> str:
        """The chosen categories, as JSON like in the database."""
        return dump_categories(self.subscription.preferences.categories)

    def is_of(self, group: AudienceGroup) -> bool:
        """Whether the subscriber belongs to a group."""
        chosen = self.subscription.preferences
        own = (self.categories, self.subscription.seen_seq, chosen.language, chosen.text_size)
        return own == (group.categories, group.seen_seq, group.language, group.text_size)


def find_subscriber(connection: Connection, newsletter: str, address: Address) -> Subscriber:
    """Return a subscriber of a newsletter.

    Raises:
        UsageError: no person has this address, or the person never subscribed to the newsletter.
    """
    person = find_person(connection, address)
    subscription = find_subscription(connection, person.id, newsletter) if person else None
    if person is None or subscription is None:
        raise UsageError(
            f"newsletter {newsletter}: no subscriber has this address;"
            " see `digest subscribers export`"
        )
    return Subscriber(person=person, subscription=subscription)


# --- the edition --------------------------------------------------------------------------------


def editions_in(connection: Connection, newsletter: str, week: Week) -> tuple[StoredEdition, ...]:
    """Return the editions whose slot is in a week, oldest first."""
    return editions.editions_between(
        connection, newsletter, week.monday.isoformat(), week.next_monday.isoformat()
    )


def recompose(connection: Connection, rules: Rules, schedule: Schedule, week: Week) -> Edition:
    """Compose the edition that a week would have had, from the posts first seen in that week.

    Comments and post texts are the ones stored now. Nothing is stored.

    Raises:
        NothingToDo: too few posts were first seen in that week.
    """
    start, end = week.bounds(ZoneInfo(rules.timezone))
    slot = next_slot(schedule, ZoneInfo(rules.timezone), after=start - timedelta(microseconds=1))
    since = posts.last_seq_before(connection, start)
    issue = Issue(
        slot=slot.local_at,
        due_at=slot.due_at,
        number=editions.number_before(connection, rules.newsletter, slot.due_at) + 1,
        since_seq=since,
        last_cut_seq=since,
        cut_seq=posts.last_seq_before(connection, end),
    )
    candidates = _candidates(connection, rules, issue)
    choices = read_choices(connection, rules.newsletter)
    edition = compose_edition(with_no_quotes(connection, rules), candidates, issue, choices)
    if edition is None:
        raise NothingToDo(
            f"newsletter {rules.newsletter}: the week of {week.monday} has too few posts;"
            f" at least {rules.min_posts} needed"
        )
    return edition


def _candidates(connection: Connection, rules: Rules, issue: Issue) -> tuple[Candidate, ...]:
    found = posts.posts_between(connection, issue.since_seq, issue.cut_seq, rules.categories)
    return read_candidates(connection, found, rules)


# --- the mail -----------------------------------------------------------------------------------


def draft_as_sent(
    connection: Connection, stored: StoredEdition, writer: LetterWriter, *, now: datetime
) -> Edition:
    """Return a stored edition; a draft without the parts that a check would leave out.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    edition = dated_edition(stored, now=now)
    if stored.state not in editions.OPEN:
        return edition
    return mend_general(connection, edition, writer, now=now)


def general_pieces(edition: Edition, writer: LetterWriter) -> Pieces:
    """Return the mail with all categories, as most subscribers get it.

    Raises:
        NothingToDo: the mail has no stories.
    """
    return _write(edition, general_rule(edition), writer)


def subscriber_pieces(
    connection: Connection,
    stored: StoredEdition,
    subscriber: Subscriber,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    now: datetime,
) -> Pieces:
    """Return the mail that one subscriber got of an edition, or would get of a draft.

    Raises:
        NothingToDo: the subscriber got no mail or would get none; the message has the reason.
    """
    if stored.frozen_at is not None:
        return _sent_pieces(connection, stored, subscriber, writer, now=now)
    at = max(now, stored.due_at)
    refuse_unmailed(connection, subscriber, audience, stored.id, at)
    edition = draft_as_sent(connection, stored, writer, now=now)
    found = read_distribution(connection, edition, audience, now=at)
    for group, mail in found.mails.items():
        if subscriber.is_of(group):
            return writer.write(edition, mail.variant).pieces
    raise NothingToDo(f"edition {stored.id}: it has no new story for this subscriber")


def subscriber_variant(
    connection: Connection,
    stored: StoredEdition,
    edition: Edition,
    subscriber: Subscriber,
    audience: AudienceRule,
    *,
    now: datetime,
) -> Variant:
    """Return the variant that one subscriber got of an edition, or would get of a draft.

    Args:
        connection: an open connection.
        stored: the edition as stored.
        edition: the same, as `draft_as_sent` returned it.
        subscriber: the subscriber.
        audience: the audience rule of its slot.
        now: the time of its sending.

    Raises:
        NothingToDo: the subscriber got no mail or would get none; the message has the reason.
    """
    if stored.frozen_at is not None:
        sent = variants.variant_of_subscriber(connection, stored.id, subscriber.person.id)
        found = variant_for(edition, rule_of_variant(sent)) if sent else None
        if found is None:
            raise NothingToDo(f"edition {stored.id}: this subscriber got no mail of it")
        return found
    refuse_unmailed(connection, subscriber, audience, stored.id, now)
    for group, mail in read_distribution(connection, edition, audience, now=now).mails.items():
        if subscriber.is_of(group):
            return mail.variant
    raise NothingToDo(f"edition {stored.id}: it has no new story for this subscriber")


def recomposed_pieces(edition: Edition, subscriber: Subscriber, writer: LetterWriter) -> Pieces:
    """Return the mail that one subscriber would have got of an edition that was never made.

    Raises:
        NothingToDo: the edition has no story in the subscriber's categories.
    """
    chosen = subscriber.subscription.preferences
    rule = make_rule(subscriber.categories, edition.last_cut_seq, chosen.language, chosen.text_size)
    return _write(edition, rule, writer)


def _sent_pieces(
    connection: Connection,
    stored: StoredEdition,
    subscriber: Subscriber,
    writer: LetterWriter,
    *,
    now: datetime,
) -> Pieces:
    variant = variants.variant_of_subscriber(connection, stored.id, subscriber.person.id)
    if variant is None:
        raise NothingToDo(f"edition {stored.id}: this subscriber got no mail of it")
    pieces = variants.variant_pieces(connection, variant.id)
    if pieces is not None:
        return Pieces.from_bytes(pieces)
    # Stored mails are deleted after their retention; the snapshot and the variant's rule are kept.
    return _write(dated_edition(stored, now=now), rule_of_variant(variant), writer)


def refuse_unmailed(
    connection: Connection,
    subscriber: Subscriber,
    audience: AudienceRule,
    edition_id: int,
    at: datetime,
) -> None:
    """Check that a subscriber is in the audience of an edition, whatever its stories.

    Raises:
        NothingToDo: the subscriber is not; the message has the reason.
    """
    chosen = subscriber.subscription.preferences
    why = ""
    if subscriber.person.suppressed:
        why = f"suppressed ({', '.join(subscriber.person.suppressed)})"
    elif subscriber.subscription.state is not State.CONFIRMED:
        why = f"{subscriber.subscription.state}"
    elif chosen.paused_until is not None and chosen.paused_until > at:
        why = f"paused until {chosen.paused_until:%Y-%m-%d}"
    elif not _belongs(audience, chosen.cadence):
        why = f"of another cadence ({chosen.cadence or 'the first'})"
    elif not is_in_segment(connection, audience.newsletter, subscriber.person.id, audience.segment):
        why = "not in [newsletters.audience]"
    elif waits_for_resolve(connection, audience.newsletter, subscriber.person.id):
        why = "waiting for `digest resolve` of an earlier edition"
    if why:
        raise NothingToDo(
            f"edition {edition_id}: this subscriber gets no mail of it because they are {why}"
        )


def _belongs(audience: AudienceRule, cadence: str) -> bool:
    """Whether subscribers of a cadence get the edition; an unknown cadence counts as the first."""
    if audience.is_first:
        return cadence not in audience.others
    return cadence == audience.cadence


def _write(edition: Edition, rule: VariantRule, writer: LetterWriter) -> Pieces:
    variant = variant_for(edition, rule)
    if variant is None:
        raise NothingToDo("the edition has no story for this subscriber")
    return writer.write(edition, variant).pieces
