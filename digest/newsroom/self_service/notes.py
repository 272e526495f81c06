"""Mails to one subscriber outside an edition: stored with the change that causes them, sent after.

The kinds are a table; each has a function that writes the mail when it is sent, from what the
database says then. The address is read at that moment, so that no notice holds one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.models import Message
from digest.models.paths import PublicPath
from digest.newsroom.context import NewsletterContext, RunContext
from digest.store.notices import Notice, add_person_notice
from subscribers.joining import LIFTED
from subscribers.people import find_person_id, find_subscription
from subscribers.preferences import Person, Subscription
from subscribers.return_paths import ReturnPath, ReturnPurpose, sign_return_path
from subscribers.tokens import Link, LinkSigner, Purpose

if TYPE_CHECKING:
    from digest.letter.note import Note
    from digest.store.engine import Connection


class NoteKind(StrEnum):
    """A kind of mail to one subscriber."""

    CONFIRM = "confirm"
    #: The answer to a sign-up of somebody who has the newsletter already.
    SUBSCRIBED = "subscribed"
    WELCOME = "welcome"
    #: The links to leave, for a person who has no mail at hand.
    LEAVE = "leave"
    #: A change of address, to both ends; the key is the id of the change.
    MOVE_OLD = "move-old"
    MOVE_NEW = "move-new"
    #: The link to a person's own data.
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCase:
    """The data that a note is written from."""

    context: RunContext
    newsletter: NewsletterContext
    notice: Notice
    person: Person
    #: None if the person has none for this newsletter.
    subscription: Subscription | None

    @property
    def language(self) -> str:
        """BCP 47 tag of the subscriber, else of the newsletter."""
        chosen = self.subscription.preferences.language if self.subscription else ""
        return chosen or self.newsletter.cadences[0].rules.language

    def link(
        self,
        path: PublicPath,
        purpose: Purpose,
        number: int | None = None,
        *,
        newsletter: str = "",
    ) -> str:
        """Return one of the subscriber's links, signed with the newest key.

        Args:
            path: the page.
            purpose: the purpose of its tokens.
            number: the number, for a purpose that has one.
            newsletter: the name of another newsletter than the one that writes.
        """
        link = Link(
            public_id=self.person.public_id,
            newsletter=newsletter or self.newsletter.name,
            number=number,
        )
        token = LinkSigner(self.context.keys[0]).sign(purpose, link)
        return f"{self.newsletter.writer.site.base_url}/{path}/{token}"

    def write(self, note: Note, address: str = "") -> Message:
        """Return the mail of a note; `address` is another one than the subscriber's own."""
        notice = self.notice
        return self.newsletter.note_writer.write(
            note,
            address or self.person.address,
            language=self.language,
            key=f"{notice.kind}/{notice.key}/{notice.id}",
            date=notice.created_at,
            # A failure of another address says nothing about the subscriber's own.
            sender="" if address else self.return_address,
        )

    @property
    def return_address(self) -> str:
        """The signed address that names this mail; empty if none is configured."""
        if not self.context.return_domain:
            return ""
        path = ReturnPath(
            purpose=ReturnPurpose.NOTE, edition_id=self.notice.id, subscriber_id=self.person.id
        )
        return sign_return_path(path, self.context.keys[0], self.context.return_domain)


#: Returns the words of a note to the subscriber's own address, or a finished mail; None if it is
#: not needed any more.
WriteNote = Callable[[NoteCase], "Note | Message | None"]


def add_note(
    connection: Connection,
    kind: NoteKind,
    person: Person,
    newsletter: str,
    *,
    key: str,
    text: str = "",
    now: datetime,
) -> bool:
    """Store a note in the transaction that causes it; return False if it was stored before.

    Args:
        connection: a connection inside a transaction.
        kind: the kind.
        person: the recipient.
        newsletter: the newsletter in whose name it is sent.
        key: identifies the cause: one person gets one note of a kind and key.
        text: what its function needs beside the database; never an address.
        now: the time.
    """
    return add_person_notice(
        connection,
        kind,
        key,
        person_id=person.id,
        public_id=person.public_id,
        newsletter=newsletter,
        text=text,
        now=now,
    )


def write_note(
    context: RunContext, kinds: Mapping[str, WriteNote], notice: Notice
) -> Message | None:
    """Return the mail of a notice to a subscriber; None if it is not needed any more.

    Raises:
        UsageError: the newsletter is no longer configured.
        StoreError: the database cannot be used.
    """
    newsletter = context.newsletter_of(notice.newsletter)
    with context.database.read() as connection:
        person = find_person_id(connection, notice.person_id or 0)
        if person is None or _keeps_from(person, notice.kind):
            return None
        subscription = find_subscription(connection, person.id, newsletter.name)
    case = NoteCase(
        context=context,
        newsletter=newsletter,
        notice=notice,
        person=person,
        subscription=subscription,
    )
    note = kinds[notice.kind](case)
    return note if note is None or isinstance(note, Message) else case.write(note)


def _keeps_from(person: Person, kind: str) -> bool:
    """Return whether suppression forbids a note; a new sign-up may end some of its reasons."""
    reasons = set(person.suppressed)
    return bool(reasons - LIFTED if kind == NoteKind.CONFIRM else reasons)
