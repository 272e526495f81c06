"""The shapes of feeds, the plan, the counts and the report."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from digest.models import FeedResult
from digest.models.admins import Right, Role
from digest.web.api.shapes.base import Name, Newsletter, Shape, Wanted


class Token(Shape):
    """The token of the request."""

    name: str
    role: Role
    maker: str
    """The person who made it; the history names them with the token."""
    rights: list[Right]
    created_at: datetime
    ends_at: datetime | None


class Feed(Shape):
    """One feed of the configuration file."""

    name: str
    """For its address in this API."""
    url: str
    categories: list[str]
    title: str
    state: str
    """`new`, `ok`, `failing`, `moved` or `gone`."""
    read_at: datetime | None
    new_at: datetime | None
    next_try: datetime | None
    failures: int
    last_error: str
    moved_to: str
    recent_posts: int
    """Number of posts first seen within 30 days."""
    has_comments: bool
    archived: int
    gap_at: datetime | None


class Feeds(Shape):
    """The feeds of the configuration file as it is now."""

    feeds: list[Feed]


class NewFeed(Wanted):
    """A feed to add to the configuration file."""

    url: str = Field(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x20]+$")
    categories: list[Name] = Field(min_length=1, max_length=20)
    section: Newsletter = ""
    """The newsletter to add the categories to; empty: none."""


class AddedFeeds(Shape):
    """The feeds that were added."""

    feeds: list[str]
    warnings: list[str]


class RemovedFeed(Shape):
    """The feed that was removed; its posts stay stored."""

    url: str


class ReadFeed(Shape):
    """The result of reading one feed now."""

    url: str
    result: FeedResult
    new: int
    changed: int
    archived: int
    has_gap: bool
    new_comments: int
    problems: list[str]
    waits_until: datetime | None
    duration_s: float


class PlannedEdition(Shape):
    """One future edition."""

    newsletter: str
    cadence: str
    shown_cadence: str
    local_at: str
    timezone: str
    due_at: datetime
    is_local: bool
    edition_id: int | None
    state: str
    """`draft`, `approved` or `paused`; empty if it is not composed yet."""
    missing: list[str]
    """The conditions that are not met yet, one line each."""
    is_used: bool
    """Whether its edition was already sent, before its hour."""
    title: str
    """The newsletter's title."""
    approve_until: datetime | None
    """Until when it may still be approved; null if it needs no approval any more."""
    last_audience: int | None
    """The number of mails of the cadence's last edition; null before the first."""


class Plan(Shape):
    """The editions of the next weeks; nothing is counted for it."""

    editions: list[PlannedEdition]
    missing: list[str]
    """Faults of the configuration that keep everything from being sent, one line each."""


class Count(Shape):
    """The number of subscribers with one value."""

    value: str
    subscribers: int


class FieldValues(Shape):
    """The number of people with a value of one field."""

    name: str
    people: int
    by_choice: list[Count]


class PeopleCounts(Shape):
    """All people of the installation, as counted at one time."""

    counted_at: datetime
    people: int
    suppressed: list[Count]
    fields_: list[FieldValues] = Field(alias="fields")


class AudienceCounts(Shape):
    """A newsletter's subscribers, as counted at one time; each list has the most frequent first."""

    newsletter: str
    counted_at: datetime
    subscribers: int
    paused: int
    states: list[Count]
    cadences: list[Count]
    languages: list[Count]
    domains: list[Count] | None
    """Domains of the addresses, the most frequent ones only. Null without the right `people`,
    because a domain may be one person's own."""
    sources: list[Count]
    categories: list[Count]


class Counted(Shape):
    """The stored counts; null: never counted."""

    people: PeopleCounts | None
    newsletters: dict[str, AudienceCounts | None]


class CountAgain(Wanted):
    """The choice of what to count."""

    newsletter: Newsletter = ""
    """Empty: all people."""


class EditionResult(Shape):
    """The outcome of an edition's mails."""

    edition_id: int
    number: int
    cadence: str
    day: str
    first_at: datetime | None
    finished_at: datetime | None
    subscribers: int
    sent: int
    failed: int
    unknown: int
    skipped: int
    bounced: int
    complaints: int
    left: int | None
    """Persons who left in the seven days from its day on; null if they were not counted."""


class ListDay(Shape):
    """The changes of a newsletter's subscribers on one day in UTC."""

    day: date
    subscribers: int | None
    joined: int
    left: int
    complained: int
    bounced: int


class Report(Shape):
    """A newsletter's editions and subscribers over time, oldest first."""

    newsletter: str
    title: str
    editions: list[EditionResult]
    days: list[ListDay]
