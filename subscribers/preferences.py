"""What a person chose, and where their subscription stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where one person stands with one newsletter; only `confirmed` is mailed."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    BOUNCED = "bounced"
    LEFT = "left"
    COMPLAINED = "complained"

    @property
    def is_ended(self) -> bool:
        """Whether mail ended; no import begins it again."""
        return self in _ENDINGS


#: Weakest first: of two endings that are both told, the stronger one stands.
_ENDINGS = (State.BOUNCED, State.LEFT, State.COMPLAINED)


def stronger_ending(one: State, other: State) -> State:
    """Give the state that stands when `one` holds and `other`, an ending, is told."""
    if not one.is_ended:
        return other
    return max(one, other, key=_ENDINGS.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a subscriber chose; an empty value means the newsletter's own."""

    #: Sorted; empty: all, new ones too.
    categories: tuple[str, ...] = ()
    cadence: str = ""
    #: BCP 47 tag.
    language: str = ""
    text_size: str = "normal"
    #: IANA name.
    zone: str = ""
    #: Hour of the day, 0 to 23, for delivery in the subscriber's own zone.
    hour: int | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """When, how and to what words a person agreed."""

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
    joined_at: datetime
    preferences: Preferences = field(default_factory=Preferences)
    #: None while nobody has confirmed.
    consent: Consent | None = None
    #: Posts up to this number were shown; None: start where the newest finished edition ended.
    seen_seq: int | None = None
    left_at: datetime | None = None
    #: `one-click`, `page`, `manual`, `import` or `complaint`.
    left_how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has, or had, a subscription."""

    id: int
    #: Random; stands for the person in links.
    public_id: str
    address: str
    name: str
    #: Reasons why no mail goes to this address; empty: it may be mailed.
    suppressed: tuple[str, ...]
    created_at: datetime


def dump_categories(categories: tuple[str, ...]) -> str:
    """Write categories as they are stored: a sorted JSON list; empty text for all."""
    return json.dumps(sorted(set(categories)), ensure_ascii=False) if categories else ""


def load_categories(stored: str) -> tuple[str, ...]:
    """Read categories as `dump_categories` wrote them."""
    return tuple(json.loads(stored)) if stored else ()
