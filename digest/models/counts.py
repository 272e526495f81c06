"""Counts over the whole list of subscribers. They are stored, and shown with their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number of subscribers with one value."""

    value: str
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCounts:
    """A newsletter's subscribers, counted at one time; each list has the most frequent first.

    All but `states` count only the subscribers that may be mailed, in the newsletter's segment,
    and the paused ones among them.
    """

    newsletter: str
    counted_at: datetime
    subscribers: int
    #: The number of `subscribers` that are paused.
    paused: int
    #: Every subscription, by its state.
    states: tuple[Count, ...]
    #: As chosen; an empty value: the first cadence.
    cadences: tuple[Count, ...]
    #: As chosen; an empty value: the newsletter's language.
    languages: tuple[Count, ...]
    #: Domains of the addresses, the most frequent ones only.
    domains: tuple[Count, ...]
    #: Where they came from; an empty value: not known.
    sources: tuple[Count, ...]
    #: As chosen; a subscriber is counted in each of theirs. An empty value: all categories.
    categories: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValues:
    """The number of people with a value of one field."""

    name: str
    people: int
    #: For a field with choices, by choice.
    by_choice: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleCounts:
    """All people of the installation, counted at one time."""

    counted_at: datetime
    people: int
    #: Suppressed people by reason; one with several reasons is counted in each.
    suppressed: tuple[Count, ...]
    fields: tuple[FieldValues, ...]
