"""Shows the poll of an edition to one subscriber, and takes their answer.

A person has one answer, and may change it until the cadence's next edition is frozen. The edition's
mail or a welcome mail brought them the link; who left since may still answer. The answers of a
person go with them when they are erased; results in later editions stay as printed.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.poll import MIN_ANSWERS
from digest.composer.snapshot import edition_from_json
from digest.newsroom.context import RunContext
from digest.pipeline.poll import read_results
from digest.store import editions, votes
from digest.store.engine import Connection
from digest.text.languages import is_spoken, language_of_words
from subscribers.addresses import mask_address
from subscribers.people import find_public_id, find_subscription
from subscribers.preferences import Person
from subscribers.tokens import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a poll."""

    #: From 1.
    number: int
    label: str
    #: Number of people who chose it.
    count: int
    #: Whole percent of all answers.
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPage:
    """The poll of an edition, as shown to one subscriber."""

    #: The newsletter's name in the configuration.
    newsletter: str
    #: BCP 47 tag: the subscriber's, else the edition's.
    language: str
    #: Like `a…@example.org`, because mails are forwarded.
    masked_address: str
    question: str
    answers: tuple[Answer, ...]
    #: The number of the subscriber's own answer; None if they gave none.
    own: int | None
    #: Whether answers count.
    is_open: bool

    @property
    def total(self) -> int:
        """Number of people who answered."""
        return sum(answer.count for answer in self.answers)

    @property
    def has_results(self) -> bool:
        """Whether enough people answered; with fewer, the results would tell who chose what."""
        return self.total >= MIN_ANSWERS

    def has(self, choice: int) -> bool:
        """Whether the poll has an answer with this number."""
        return 1 <= choice <= len(self.answers)


def find_poll(context: RunContext, link: Link) -> PollPage | None:
    """Return the poll of a link; None if there is none, or not for this person.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        person = _find_voter(connection, link)
        return _read_page(connection, link, person) if person else None


def vote(context: RunContext, link: Link, choice: int) -> PollPage | None:
    """Store an answer in place of an earlier one; return the poll as `find_poll` does, after it.

    Nothing is stored if the poll is not open, or has no such answer.

    Args:
        context: the installation's context.
        link: the link of the page.
        choice: the number of the answer, from 1.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.write() as connection:
        person = _find_voter(connection, link)
        page = _read_page(connection, link, person) if person else None
        if person is None or page is None or not page.is_open or not page.has(choice):
            return page
        now = context.clock()
        votes.save_vote(connection, link.number or 0, person.id, choice, now=now)
        return _read_page(connection, link, person)


def _find_voter(connection: Connection, link: Link) -> Person | None:
    """Return the person of a link; None if they may not answer that edition's poll."""
    person = find_public_id(connection, link.public_id)
    if person is None:
        return None
    is_voter = votes.may_vote(connection, link.number or 0, person.id, link.newsletter)
    return person if is_voter else None


def _read_page(connection: Connection, link: Link, person: Person) -> PollPage | None:
    stored = editions.get_edition(connection, link.number or 0)
    if stored is None or stored.newsletter != link.newsletter or not stored.asks_poll:
        return None
    edition = edition_from_json(stored.snapshot)
    counted = read_results(connection, stored.id, edition)
    if counted is None:
        return None
    subscription = find_subscription(connection, person.id, stored.newsletter)
    chosen = subscription.preferences.language if subscription else ""
    return PollPage(
        newsletter=stored.newsletter,
        language=chosen if is_spoken(chosen) else language_of_words(edition.language),
        masked_address=mask_address(person.address),
        question=counted.question,
        answers=tuple(
            Answer(number=number, label=label, count=count, percent=percent)
            for number, (label, count, percent) in enumerate(
                zip(counted.choices, counted.counts, counted.percents, strict=True), 1
            )
        ),
        own=votes.vote_of(connection, stored.id, person.id),
        is_open=votes.is_open(connection, stored.id),
    )
