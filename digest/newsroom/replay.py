"""The time machine: any week's edition, and what any subscriber got or gets of one. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.composer.edition import compose as compose_edition
from digest.composer.edition import edition_from_json
from digest.composer.rules import Issue, Rules
from digest.errors import NothingToDo, UsageError
from digest.letter.printing.message import Pieces
from digest.letter.writer import LetterWriter
from digest.models import AudienceGroup, Candidate, Edition, StoredEdition
from digest.pipeline.audience import (
    AudienceRule,
    VariantRule,
    general_rule,
    make_rule,
    rule_of_variant,
    variant_for,
)
from digest.pipeline.compose import read_candidates
from digest.pipeline.prepare import mend_general, read_distribution
from digest.scheduler.slots import Schedule, next_slot
from digest.store import editions, posts, variants
from digest.store.choices import read_choices
from digest.store.engine import Connection
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
            UsageError: it is something else, or there is no such week.
        """
        try:
            return cls(monday=datetime.strptime(f"{text}-1", "%G-W%V-%u").date())  # noqa: DTZ007 - a day, without a zone
        except ValueError as error:
            raise UsageError(f"{text!r} is not a week; write one such as 2026-W40") from error

    @property
    def next_monday(self) -> date:
        """The day after it."""
        return self.monday + timedelta(days=7)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Give where it begins and ends in a zone."""
        start = datetime.combine(self.monday, time(), tzinfo=zone)
        return start, datetime.combine(self.next_monday, time(), tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One person, as a newsletter sees them."""

    person: Person
    subscription: Subscription

    @property
    def categories(self) -> str:
        """Those they chose, as stored."""
        return dump_categories(self.subscription.preferences.categories)

    def is_of(self, group: AudienceGroup) -> bool:
        """Whether they get what a group gets."""
        chosen = self.subscription.preferences
        own = (self.categories, self.subscription.seen_seq, chosen.language, chosen.text_size)
        return own == (group.categories, group.seen_seq, group.language, group.text_size)


def find_subscriber(connection: Connection, newsletter: str, address: Address) -> Subscriber:
    """Give a subscriber of a newsletter.

    Raises:
        UsageError: there is no such person, or they never subscribed to it.
    """
    person = find_person(connection, address)
    subscription = find_subscription(connection, person.id, newsletter) if person else None
    if person is None or subscription is None:
        raise UsageError(
            f"{address.address}: no subscriber of {newsletter}; see `digest subscribers`"
        )
    return Subscriber(person=person, subscription=subscription)


# --- which edition ------------------------------------------------------------------------------


def editions_in(connection: Connection, newsletter: str, week: Week) -> tuple[StoredEdition, ...]:
    """Give the editions whose slot lies in a week, oldest first."""
    return editions.editions_between(
        connection, newsletter, week.monday.isoformat(), week.next_monday.isoformat()
    )


def recompose(connection: Connection, rules: Rules, schedule: Schedule, week: Week) -> Edition:
    """Compose what a week's edition would have been: the posts first seen in it, all of them new.

    Comments and edits are those of today. Nothing is stored.

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
    edition = compose_edition(rules, candidates, issue, choices)
    if edition is None:
        raise NothingToDo(
            f"newsletter {rules.newsletter}: fewer than {rules.min_posts} posts came in the week"
            f" of {week.monday}"
        )
    return edition


def _candidates(connection: Connection, rules: Rules, issue: Issue) -> tuple[Candidate, ...]:
    found = posts.posts_between(connection, issue.since_seq, issue.cut_seq, rules.categories)
    return read_candidates(connection, found, rules)


# --- whose mail ---------------------------------------------------------------------------------


def draft_as_sent(
    connection: Connection, stored: StoredEdition, writer: LetterWriter, *, now: datetime
) -> Edition:
    """Give a stored edition; of a draft, what a check would leave out of it is left out.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    edition = edition_from_json(stored.snapshot)
    if stored.state not in editions.OPEN:
        return edition
    return mend_general(connection, edition, writer, now=now)


def general_pieces(edition: Edition, writer: LetterWriter) -> Pieces:
    """Give the mail with all categories, as most subscribers get it.

    Raises:
        NothingToDo: it has no stories.
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
    """Give the mail that one subscriber got of an edition, or would get of a draft.

    Raises:
        NothingToDo: they got nothing, or would not; says why.
    """
    if stored.frozen_at is not None:
        return _sent_pieces(connection, stored, subscriber, writer)
    at = max(now, stored.due_at)
    _refuse_unmailed(subscriber, audience, stored.id, at)
    edition = draft_as_sent(connection, stored, writer, now=now)
    found = read_distribution(connection, edition, audience, now=at)
    for group, mail in found.mails.items():
        if subscriber.is_of(group):
            return writer.write(edition, mail.variant).pieces
    raise NothingToDo(f"edition {stored.id}: nothing in it is new for that subscriber")


def recomposed_pieces(edition: Edition, subscriber: Subscriber, writer: LetterWriter) -> Pieces:
    """Give the mail that one subscriber would have got of an edition that was never made.

    Raises:
        NothingToDo: none of its stories is in their categories.
    """
    chosen = subscriber.subscription.preferences
    rule = make_rule(subscriber.categories, edition.last_cut_seq, chosen.language, chosen.text_size)
    return _write(edition, rule, writer)


def _sent_pieces(
    connection: Connection, stored: StoredEdition, subscriber: Subscriber, writer: LetterWriter
) -> Pieces:
    variant = variants.variant_of_subscriber(connection, stored.id, subscriber.person.id)
    if variant is None:
        raise NothingToDo(f"edition {stored.id}: it was not for that subscriber")
    pieces = variants.variant_pieces(connection, variant.id)
    if pieces is not None:
        return Pieces.from_bytes(pieces)
    # Purged after a while; the snapshot and the rule it was made by stay.
    return _write(edition_from_json(stored.snapshot), rule_of_variant(variant), writer)


def _refuse_unmailed(
    subscriber: Subscriber, audience: AudienceRule, edition_id: int, at: datetime
) -> None:
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
    if why:
        raise NothingToDo(f"edition {edition_id}: that subscriber is {why}, and gets nothing of it")


def _belongs(audience: AudienceRule, cadence: str) -> bool:
    """Whether subscribers of a cadence get the edition; one that is gone counts as the first."""
    if audience.is_first:
        return cadence not in audience.others
    return cadence == audience.cadence


def _write(edition: Edition, rule: VariantRule, writer: LetterWriter) -> Pieces:
    variant = variant_for(edition, rule)
    if variant is None:
        raise NothingToDo("none of its stories is for that subscriber")
    return writer.write(edition, variant).pieces
