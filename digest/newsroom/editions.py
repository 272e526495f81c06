"""Which edition is meant: the one that is named, or the newest that the use case can act on."""

from __future__ import annotations

from collections.abc import Sequence

from digest.errors import NothingToDo, Refused, UsageError
from digest.models import EditionState, StoredEdition
from digest.store import editions
from digest.store.engine import Connection

_SENDABLE = (EditionState.DRAFT, EditionState.APPROVED, EditionState.SENDING)
_VISIBLE = (*_SENDABLE, EditionState.PAUSED, EditionState.FINISHED)
_SENT = (EditionState.SENDING, EditionState.PAUSED, EditionState.FINISHED)


def visible_edition(
    connection: Connection, newsletter: str, edition_id: int | None
) -> StoredEdition:
    """Return the named edition, or the newest of the newsletter that was not cancelled.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: there is no edition yet.
    """
    found = _find(connection, newsletter, edition_id, _VISIBLE)
    if found is None:
        raise NothingToDo("no edition yet; `digest collect`, then `digest compose`")
    return found


def sendable_edition(
    connection: Connection, newsletter: str, edition_id: int | None
) -> StoredEdition:
    """Return the named edition if it can be sent, or the newest that can.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: it is finished or cancelled, or there is no draft.
        Refused: it is paused.
    """
    found = _find(connection, newsletter, edition_id, (*_SENDABLE, EditionState.PAUSED))
    if found is None:
        raise NothingToDo("no draft to send; `digest compose` makes one")
    if found.state is EditionState.PAUSED:
        raise Refused(
            f"edition {found.id}: paused ({found.paused_reason}); `digest resume {found.id}`"
        )
    if found.state not in _SENDABLE:
        raise NothingToDo(f"edition {found.id}: {found.state} already")
    return found


def draft_edition(connection: Connection, newsletter: str, edition_id: int | None) -> StoredEdition:
    """Return the named edition, or the newest that is a draft, approved or paused.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: there is no draft.
    """
    found = _find(connection, newsletter, edition_id, (*editions.OPEN, EditionState.PAUSED))
    if found is None:
        raise NothingToDo("no draft; `digest compose` makes one")
    return found


def sent_edition(connection: Connection, newsletter: str, edition_id: int | None) -> StoredEdition:
    """Return the named edition, or the newest of which mails were sent.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: no edition was sent yet.
    """
    found = _find(connection, newsletter, edition_id, _SENT)
    if found is None:
        raise NothingToDo(f"newsletter {newsletter}: no edition was sent yet")
    return found


def named_edition(connection: Connection, edition_id: int) -> StoredEdition:
    """Return the edition of that number.

    Raises:
        UsageError: there is none.
    """
    found = editions.get_edition(connection, edition_id)
    if found is None:
        raise UsageError(f"edition {edition_id}: there is none; see `digest status`")
    return found


def _find(
    connection: Connection,
    newsletter: str,
    edition_id: int | None,
    states: Sequence[EditionState],
) -> StoredEdition | None:
    if edition_id is not None:
        return named_edition(connection, edition_id)
    return editions.newest_edition(connection, newsletter, states)
