"""A change of a subscriber's address, which both mailboxes confirm."""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.note import Note
from digest.models import SUBSCRIBER, Message
from digest.models.paths import PublicPath
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.notes import NoteCase, NoteKind, add_note
from digest.newsroom.self_service.preferences_page import (
    Case,
    Done,
    PreferencesPage,
    change_page,
    find_case,
)
from digest.store.engine import Connection
from digest.text.catalogue import translations_for
from subscribers.addresses import Address, AddressError, mask_address, parse_address
from subscribers.moving import (
    AddressChange,
    ChangeState,
    End,
    agree,
    ask_for_change,
    can_move_to,
    find_change,
    refuse,
)
from subscribers.tokens import Link, Purpose

PURPOSES = {End.OLD: Purpose.MOVE_OLD, End.NEW: Purpose.MOVE_NEW}
_KINDS = {End.OLD: NoteKind.MOVE_OLD, End.NEW: NoteKind.MOVE_NEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePage:
    """A change of address, as one of its ends sees it."""

    #: The newsletter's name in the configuration, and its title.
    newsletter: str
    title: str
    #: BCP 47 tag.
    language: str
    end: End
    state: ChangeState
    #: Masked.
    old_address: str
    #: In full for the old end, masked for the new one; empty unless the change is open.
    new_address: str
    #: Whether this end, and the other one, have agreed.
    has_agreed: bool
    has_other_agreed: bool


def ask_to_move(context: RunContext, link: Link, form: Form) -> PreferencesPage | None:
    """Store a wish for another address, and the mails to both ends; return the page.

    The answer is the same for every address, also for one that another subscriber has or that is
    suppressed: only its own mailbox would tell, and then it gets no mail. The field: `address`.

    The page and the errors are those of `change_page`.
    """

    def ask(connection: Connection, case: Case) -> PreferencesPage:
        gettext = translations_for(case.language).gettext
        try:
            address = _parse(context, form.get("address", ("",))[-1].strip())
        except AddressError:
            fault = gettext("This is not a complete mail address.")
            return case.page(connection, faults={"address": fault})
        if not _ask(connection, case, address):
            fault = gettext(
                "You asked for a change of address lately. Answer the mails about it, or try again"
                " tomorrow."
            )
            return case.page(connection, faults={"address": fault})
        return case.page(connection, done=Done.MOVING)

    return change_page(context, link, ask)


def show_move(context: RunContext, link: Link, end: End) -> MovePage | None:
    """Return the page of a change; None if it does not exist any more.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        case = find_case(context, connection, link)
        change = _change_of(connection, case, link) if case else None
    return _page(case, change, end) if case and change else None


def answer_move(context: RunContext, link: Link, end: End, form: Form) -> MovePage | None:
    """Agree to a change for one end, or refuse it; return the page. The field: `answer`, yes or no.

    None, and errors, as for `show_move`.
    """
    with context.database.write() as connection:
        case = find_case(context, connection, link)
        change = _change_of(connection, case, link) if case else None
        if case is None or change is None:
            return None
        answer = form.get("answer", ("",))[-1]
        if change.state is ChangeState.OPEN and answer in ("yes", "no"):
            state = _answer(context, connection, change, end, is_yes=answer == "yes")
            if state is not ChangeState.OPEN:
                action = "change address" if state is ChangeState.DONE else "keep address"
                newsletter = change.newsletter
                record(context, connection, SUBSCRIBER, action, newsletter=newsletter)
        after = find_case(context, connection, link)
        changed = _change_of(connection, after, link) if after else None
    return _page(after, changed, end) if after and changed else None


# --- the mails ----------------------------------------------------------------------------------


def write_move_old(case: NoteCase) -> Note | None:
    """Return the words for the old mailbox; None if the change is not open any more.

    The new address is not in it, because the person who asked has typed it; its page shows it.
    """
    change = _noted(case)
    if change is None:
        return None
    gettext = translations_for(case.language).gettext
    title = {"title": case.newsletter.title}
    return Note(
        subject=gettext("Change of your address for %(title)s") % title,
        heading=gettext("Do you want your mails at another address?"),
        paragraphs=(
            gettext("Somebody, probably you, asked to get %(title)s at another address.") % title,
            gettext("Nothing changes until you agree here, and at the new address too."),
        ),
        button=gettext("See the new address"),
        url=case.link(PublicPath.MOVE, Purpose.MOVE_OLD, change.id),
        small=(
            gettext("If it was not you, refuse it on that page: then everything stays as it is."),
            gettext("The link works for 7 days."),
        ),
    )


def write_move_new(case: NoteCase) -> Message | None:
    """Return the mail to the new mailbox; None if it may not be mailed, or is a subscriber's."""
    change = _noted(case)
    if change is None:
        return None
    address = _parse(case.context, change.address)
    with case.context.database.read() as connection:
        if not can_move_to(connection, case.context.keys, address):
            return None
    gettext = translations_for(case.language).gettext
    title = {"title": case.newsletter.title}
    note = Note(
        subject=gettext("Confirm your new address for %(title)s") % title,
        heading=gettext("Confirm your new address"),
        paragraphs=(
            gettext("Somebody, probably you, asked to get %(title)s at this address from now on.")
            % title,
        ),
        button=gettext("Confirm this address"),
        url=case.link(PublicPath.MOVE, Purpose.MOVE_NEW, change.id),
        small=(
            gettext("The old address must agree too: a mail is on its way to it."),
            gettext("If it was not you, do nothing: without a confirmation you get no mail."),
            gettext("The link works for 7 days."),
        ),
    )
    return case.write(note, change.address)


def _noted(case: NoteCase) -> AddressChange | None:
    with case.context.database.read() as connection:
        change = find_change(
            connection, int(case.notice.key), case.person.id, now=case.context.clock()
        )
    return change if change and change.state is ChangeState.OPEN else None


# --- parts --------------------------------------------------------------------------------------


def _ask(connection: Connection, case: Case, address: Address) -> bool:
    newsletter = case.facts.name
    change = ask_for_change(connection, case.person.id, address, newsletter, now=case.now)
    if change is None:
        return False
    for kind in _KINDS.values():
        add_note(connection, kind, case.person, newsletter, key=str(change.id), now=case.now)
    return True


def _answer(
    context: RunContext, connection: Connection, change: AddressChange, end: End, *, is_yes: bool
) -> ChangeState:
    if not is_yes:
        return refuse(connection, change)
    address = _parse(context, change.address)
    return agree(connection, context.keys, change, end, address, now=context.clock())


def _change_of(connection: Connection, case: Case | None, link: Link) -> AddressChange | None:
    if case is None:
        return None
    return find_change(connection, link.number or 0, case.person.id, now=case.now)


def _page(case: Case, change: AddressChange, end: End) -> MovePage:
    other = End.NEW if end is End.OLD else End.OLD
    return MovePage(
        newsletter=case.subscription.newsletter,
        title=case.facts.title,
        language=case.language,
        end=end,
        state=change.state,
        old_address=mask_address(case.person.address),
        new_address=_shown_address(change, end),
        has_agreed=end in change.agreed,
        has_other_agreed=other in change.agreed,
    )


def _shown_address(change: AddressChange, end: End) -> str:
    # The owner of the old mailbox decides, so they must see where their mails would go: a mask
    # looks alike for an address of theirs and for a stranger's. Only they have this page's link: it
    # is secret, and mailed to the old address alone.
    if end is End.OLD or not change.address:
        return change.address
    return mask_address(change.address)


def _parse(context: RunContext, address: str) -> Address:
    return parse_address(address, allow_reserved=context.is_development)
