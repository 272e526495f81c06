"""The interfaces through which the pages get their data: plain values, no rows or connections.

Every method may raise `StoreError` if the database is not available; the pages then answer 503.
All methods are called from worker threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from digest.newsroom.hooks import HookAnswer
from digest.newsroom.self_service.applying import FormKind, ReadForm
from digest.newsroom.self_service.archive import ArchivedPage, ArchiveList
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.joining import JoiningPage
from digest.newsroom.self_service.poll import PollPage
from digest.newsroom.self_service.returning import LeavePage, Offer
from digest.newsroom.self_service.showcase import Showcase
from digest.newsroom.self_service.sign_ups import Application
from digest.newsroom.web_view import ServedPicture
from subscribers.leavings import Leaving
from subscribers.reasons import Reason
from subscribers.tokens import Link

#: Returns the time, aware and in UTC.
Clock = Callable[[], datetime]

#: Renders the edition of a link as a web page, in the subscriber's own variant, without links to
#: leave or to change anything. None if there is no such edition, or not for this subscriber.
WebView = Callable[[Link], str | None]


class LeaveLinks(Protocol):
    """Mails the links to leave."""

    def __call__(self, address: str, *, network: str) -> bool:
        """Mail them to a typed address, if it is subscribed.

        Return False if the client's network sent too many forms. Raise `SubscriberError` if the
        address is not valid.
        """


class BounceHooks(Protocol):
    """The webhooks of mail providers."""

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Check a request and store what it says; called in the event loop."""


#: Returns the picture with a file name; None if there is none.
PictureFinder = Callable[[str], ServedPicture | None]

#: Returns the poll of a link; None if there is none, or not for this person.
PollFinder = Callable[[Link], PollPage | None]

#: Stores the answer with a number, unless the poll has ended, and returns the poll after it.
Voter = Callable[[Link, int], PollPage | None]


class Leavers(Protocol):
    """The subscribers who leave, stay with less mail, or come back.

    A page is None if the subscription does not exist, or no longer exists.
    """

    def find(self, link: Link) -> LeavePage | None:
        """Return the page to leave."""

    def leave(self, leaving: Leaving) -> bool:
        """End one subscription or all; safe to repeat. Return False if there is none."""

    def take_leavings(self) -> int:
        """Store the leavings of the journal in the database and return their number."""

    def take(self, link: Link, offer: Offer) -> LeavePage | None:
        """Do what the subscriber chose, if it is offered to them, and return the page after it."""

    def explain(self, link: Link, reason: Reason, words: str) -> LeavePage | None:
        """Store why the subscriber has left, and return the page after it."""


class PublicArchive(Protocol):
    """The past editions that everybody may see."""

    @property
    def newsletters(self) -> tuple[str, ...]:
        """The names of the newsletters that have an archive."""

    def list_editions(
        self, newsletter: str, *, cadence: str = "", page: int = 1
    ) -> ArchiveList | None:
        """Return a page of the list, newest first; None if there is no such page."""

    def show_edition(self, newsletter: str, number: int) -> ArchivedPage | None:
        """Return the page of an edition; None if it is not public."""


class SignUpDesk(Protocol):
    """Signing up, and confirming that."""

    @property
    def newsletters(self) -> tuple[NewsletterFacts, ...]:
        """The newsletters, in the order of the configuration."""

    def find(self, newsletter: str) -> NewsletterFacts | None:
        """Return the facts about a newsletter; None if it is not configured."""

    def newest(self, newsletter: str) -> Showcase | None:
        """Return the newest edition of a newsletter; None before the first."""

    def stamp(self, newsletter: str) -> str:
        """Return the stamp of a form shown now."""

    def read(
        self, newsletter: NewsletterFacts, form: Form, kind: FormKind, *, network: str
    ) -> ReadForm:
        """Read a form that was sent from a network."""

    def accept(self, application: Application) -> bool:
        """Store a sign-up, with the same work for every address; return False if too many came."""

    def find_joining(self, link: Link) -> JoiningPage | None:
        """Return the sign-up of a link; None if it is not there any more. Changes nothing."""

    def join(self, link: Link) -> JoiningPage | None:
        """Confirm the sign-up of a link; None if it is not there any more. Safe to repeat."""
