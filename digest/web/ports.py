"""What the pages ask for, and what they get: plain values, no rows and no connections.

Every method may raise `StoreError` while the database cannot serve; the pages then answer 503.
All are called from worker threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models import DeliveryState, Edition, EditionState, Finding
from subscribers.tokens import Link

#: Gives the time, aware and in UTC.
Clock = Callable[[], datetime]

#: Renders the edition of a link as a web page, for the subscriber's own variant; nothing on it
#: leaves or changes anything. None: no such edition, or it was never meant for this subscriber.
WebView = Callable[[Link], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPicture:
    """A picture as it is served."""

    #: `image/jpeg` or `image/png`.
    media_type: str
    content: bytes


#: Gives the picture of a file name; None where there is none.
PictureFinder = Callable[[str], ServedPicture | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberPage:
    """One subscription, as its subscriber sees it."""

    #: The newsletter's name as printed.
    newsletter: str
    #: Like `a…@example.org`: pages are opened from forwarded mails too.
    masked_address: str
    #: Whether mail is sent; False for one who left, bounced or never confirmed.
    is_active: bool
    #: When they left; None for one who did not.
    left_at: datetime | None
    #: Empty: all sections, new ones too.
    categories: tuple[str, ...]
    #: In words, such as `Mondays at 07:00 (Europe/London)`.
    cadence: str
    joined_at: datetime


class Subscribers(Protocol):
    """The subscriptions that links name."""

    def find(self, link: Link) -> SubscriberPage | None:
        """Give the subscription of a link; None for one that is not there, or not any more."""

    def leave(self, link: Link, *, how: str, now: datetime) -> bool:
        """End the subscription; safe to repeat. False where there is none.

        Args:
            link: names person and newsletter.
            how: `one-click` or `page`.
            now: when the subscriber said so.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """One edition in the list."""

    id: int
    #: The newsletter's name as printed.
    newsletter: str
    number: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    #: Wall clock such as `2026-11-23T07:00`, in `timezone`.
    slot: str
    timezone: str
    #: Of the mail that most subscribers get.
    subject: str
    story_count: int
    #: Deliveries by state, only those that occur; empty before the freeze.
    deliveries: tuple[tuple[DeliveryState, int], ...]
    #: Findings that hold the edition.
    error_count: int
    #: Findings that are shown only.
    warning_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One variant of an edition: what a group of subscribers gets."""

    key: str
    #: For whom, such as `Security, Economy` or `All sections`.
    label: str
    subject: str
    story_count: int
    #: None before the freeze.
    subscriber_count: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """One edition with everything its page shows, mails apart."""

    row: EditionRow
    #: The snapshot, with the reasons for every choice.
    edition: Edition
    #: The widest first; empty for an edition that was cancelled before its mails were written.
    variants: tuple[VariantRow, ...]
    #: Its mails, as shown here, have the poll; those that are sent do not.
    has_poll_here_only: bool = False


class Editions(Protocol):
    """The editions, for looking at only."""

    def list_editions(self) -> tuple[EditionRow, ...]:
        """Give the editions, newest first."""

    def find_edition(self, edition_id: int) -> EditionPage | None:
        """Give one edition; None where there is none of that number."""

    def read_mail(self, edition_id: int, variant_key: str) -> bytes | None:
        """Give the exact mail of a variant, addressed to nobody and with links that do nothing.

        None: there is no such variant, or its mail is no longer kept.
        """
