"""People, their subscriptions, preferences and consent. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The state of a subscription; only `confirmed` is mailed."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    BOUNCED = "bounced"
    LEFT = "left"
    COMPLAINED = "complained"

    @property
    def is_ended(self) -> bool:
        """Whether the subscription has ended; no import starts it again."""
        return self in _ENDINGS


#: Weakest first: of two endings, the stronger one is kept.
_ENDINGS = (State.BOUNCED, State.LEFT, State.COMPLAINED)


def stronger_ending(one: State, other: State) -> State:
    """Return the state after the ending `other` was applied to the state `one`."""
    if not one.is_ended:
        return other
    return max(one, other, key=_ENDINGS.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """A subscriber's choices; an empty value means the newsletter's default."""

    #: Sorted names; empty: all, including future ones.
    categories: tuple[str, ...] = ()
    cadence: str = ""
    #: BCP 47 tag.
    language: str = ""
    text_size: str = "normal"
    #: IANA name of the time zone.
    zone: str = ""
    #: Hour of the day, 0 to 23, for delivery in the subscriber's time zone.
    hour: int | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's consent: time, way and words."""

    at: datetime
    #: `import`, `form` or `manual`.
    how: str
    #: The words, or where they are kept.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One person's subscription to one newsletter."""

    newsletter: str
    state: State
    #: The day of sign-up; if that is not known, the time at which the subscription was stored.
    joined_at: datetime
    #: Whether `joined_at` is the day of sign-up. Only then may a mail name it.
    is_joined_known: bool = True
    preferences: Preferences = field(default_factory=Preferences)
    #: None before the confirmation.
    consent: Consent | None = None
    #: Where the subscriber came from; see `subscribers.segments.read_source`. Empty: not known.
    source: str = ""
    #: The last `seq` that was mailed; None: start at the cut of the newest finished edition.
    seen_seq: int | None = None
    left_at: datetime | None = None
    #: `one-click`, `page`, `manual`, `import` or `complaint`.
    left_how: str = ""
    #: The state that the subscriber's own leaving ended; None if it is not known.
    left_from: State | None = None
    #: Why they left, as `dump_reason` writes it; empty if they did not say.
    left_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who has, or had, a subscription."""

    id: int
    #: Random; identifies the person in links.
    public_id: str
    address: str
    name: str
    #: Why this address must not be mailed; empty: it may be mailed.
    suppressed: tuple[str, ...]
    created_at: datetime


def dump_categories(categories: tuple[str, ...]) -> str:
    """Return categories in their stored form: a sorted JSON list; empty text for all."""
    return json.dumps(sorted(set(categories)), ensure_ascii=False) if categories else ""


def load_categories(stored: str) -> tuple[str, ...]:
    """Return the categories that `dump_categories` wrote."""
    return tuple(json.loads(stored)) if stored else ()
