"""What the pages ask for, and what they get: plain values, no rows and no connections.

Every method may raise `StoreError` while the database cannot serve; the pages then answer 503.
All are called from worker threads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from digest.newsroom.desk import EditionPage, EditionRow, OpenedMessage
from digest.newsroom.subscriptions import SubscriptionPage
from digest.newsroom.web_view import ServedPicture
from subscribers.leavings import Leaving
from subscribers.tokens import Link

#: Gives the time, aware and in UTC.
Clock = Callable[[], datetime]

#: Renders the edition of a link as a web page, for the subscriber's own variant; nothing on it
#: leaves or changes anything. None: no such edition, or it was never meant for this subscriber.
WebView = Callable[[Link], str | None]


#: Gives the picture of a file name; None where there is none.
PictureFinder = Callable[[str], ServedPicture | None]


class Subscribers(Protocol):
    """The subscriptions that links name."""

    def find(self, link: Link) -> SubscriptionPage | None:
        """Give the subscription of a link; None for one that is not there, or not any more."""

    def leave(self, leaving: Leaving) -> bool:
        """End the subscription; safe to repeat. False if there is none."""

    def take_leavings(self) -> int:
        """Write the leavings that wait in the journal; return how many."""


class Editions(Protocol):
    """The editions, for looking at only."""

    def list_editions(self) -> tuple[EditionRow, ...]:
        """Give the editions, newest first."""

    def find_edition(self, edition_id: int) -> EditionPage | None:
        """Give one edition; None where there is none of that number."""

    def read_mail(self, edition_id: int, variant_key: str) -> OpenedMessage | None:
        """Give the exact mail of a variant, addressed to nobody and with links that do nothing.

        None: there is no such variant, or its mail is no longer kept.
        """
