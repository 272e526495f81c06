"""Shows a person everything that is stored about them, and erases it.

Links to preferences are forwarded with mails, so these pages need a link of their own. It is mailed
to the person and ends after a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.letter.note import Note
from digest.models import SUBSCRIBER
from digest.models.paths import PublicPath
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.people.records import record_of
from digest.newsroom.self_service.notes import NoteCase, NoteKind, add_note
from digest.newsroom.self_service.preferences_page import Case, Done, PreferencesPage, find_case
from digest.store import persons
from digest.store.engine import Connection
from digest.text.catalogue import translations_for
from subscribers.addresses import mask_address, parse_address
from subscribers.tokens import Link, Purpose

_HOUR_S = 3600
#: How long a private link works, in hours after the one in which it was asked for.
_WORKS_FOR_H = 24
#: At most one mail is sent within this many hours: the link to ask for it is in every mail.
_ONCE_IN_H = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePage:
    """The page about a person's data."""

    #: The newsletter's name in the configuration, and its title.
    newsletter: str
    title: str
    #: BCP 47 tag.
    language: str
    masked_address: str
    #: When the link ends, in the newsletter's zone.
    ends_at: datetime


def ask_for_link(context: RunContext, link: Link) -> PreferencesPage | None:
    """Store the mail with the private link; return the page of preferences.

    None if there is no such subscription. A second request within a few hours sends nothing more.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.write() as connection:
        case = find_case(context, connection, link)
        if case is None:
            return None
        if case.facts.cadences and not case.person.suppressed:
            key = str(_hour_of(case.now) // _ONCE_IN_H)
            add_note(
                connection, NoteKind.PRIVATE, case.person, case.facts.name, key=key, now=case.now
            )
        return case.page(connection, done=Done.MAILED)


def show_private(context: RunContext, link: Link) -> PrivatePage | None:
    """Return the page of a private link; None if the link has ended, or the person is erased.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        case = _find(context, connection, link)
        return _page(case, link) if case else None


def export_person(context: RunContext, link: Link) -> dict[str, Any] | None:
    """Return everything that is stored about the person of a private link, in plain values.

    None, and errors, as for `show_private`.
    """
    with context.database.read() as connection:
        case = _find(context, connection, link)
        return record_of(connection, case.person).data if case else None


def erase_self(context: RunContext, link: Link) -> PrivatePage | None:
    """Erase the person of a private link; return its page. All links of the person end.

    Only a keyed hash of the address is kept, so that no later import mails them.

    None, and errors, as for `show_private`.
    """
    with context.database.write() as connection:
        case = _find(context, connection, link)
        if case is None:
            return None
        address = parse_address(case.person.address, allow_reserved=True)
        persons.erase(connection, context.keys, address, now=case.now)
        record(context, connection, SUBSCRIBER, "erase")
    return _page(case, link)


def write_private(case: NoteCase) -> Note | None:
    """Return the words of the mail with the private link."""
    gettext = translations_for(case.language).gettext
    ends = _hour_of(case.notice.created_at) + _WORKS_FOR_H + 1
    return Note(
        subject=gettext("Your data at %(title)s") % {"title": case.newsletter.title},
        heading=gettext("Your data"),
        paragraphs=(
            gettext(
                "With this link you can download everything that is stored about you, or have it"
                " erased."
            ),
        ),
        button=gettext("See my data"),
        url=case.link(PublicPath.PRIVATE, Purpose.PRIVATE, ends),
        small=(
            gettext("The link works for 24 hours. Do not forward this mail."),
            gettext("If it was not you who asked for it, do nothing."),
        ),
    )


def _find(context: RunContext, connection: Connection, link: Link) -> Case | None:
    if context.clock().timestamp() >= (link.number or 0) * _HOUR_S:
        return None
    return find_case(context, connection, link)


def _page(case: Case, link: Link) -> PrivatePage:
    ends_at = datetime.fromtimestamp((link.number or 0) * _HOUR_S, case.zone)
    return PrivatePage(
        newsletter=case.subscription.newsletter,
        title=case.facts.title,
        language=case.language,
        masked_address=mask_address(case.person.address),
        ends_at=ends_at,
    )


def _hour_of(when: datetime) -> int:
    return int(when.timestamp()) // _HOUR_S
