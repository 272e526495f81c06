"""Finds the edition of a use case: the named one, or the newest that the use case can act on."""

from __future__ import annotations

from collections.abc import Sequence

from digest.errors import Missing, NothingToDo, Refused
from digest.models import EditionState, StoredEdition
from digest.store import editions
from digest.store.engine import Connection

_SENDABLE = (EditionState.DRAFT, EditionState.APPROVED, EditionState.SENDING)
_VISIBLE = (*_SENDABLE, EditionState.PAUSED, EditionState.FINISHED)
_SENT = (EditionState.SENDING, EditionState.PAUSED, EditionState.FINISHED)


def visible_edition(
    connection: Connection, newsletter: str, edition_id: int | None
) -> StoredEdition:
    """Return the named edition, or the newest of the newsletter that is not cancelled.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the newsletter has no edition yet.
    """
    found = _find(connection, newsletter, edition_id, _VISIBLE)
    if found is None:
        raise NothingToDo("no edition yet; run `digest collect`, then `digest compose`")
    return found


def refuse_unsendable(stored: StoredEdition) -> None:
    """Check that an edition is neither paused nor ended.

    Raises:
        NothingToDo: the edition is finished or cancelled.
        Refused: the edition is paused.
    """
    if stored.state is EditionState.PAUSED:
        raise Refused(
            f"edition {stored.id}: paused ({stored.paused_reason});"
            f" run `digest resume {stored.id}` first"
        )
    if stored.state not in _SENDABLE:
        raise NothingToDo(f"edition {stored.id}: already {stored.state}")


def draft_edition(connection: Connection, newsletter: str, edition_id: int | None) -> StoredEdition:
    """Return the named edition, or the newest that is a draft, approved or paused.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: there is no draft.
    """
    found = _find(connection, newsletter, edition_id, (*editions.OPEN, EditionState.PAUSED))
    if found is None:
        raise NothingToDo("no draft; run `digest compose` to make one")
    return found


def sent_edition(connection: Connection, newsletter: str, edition_id: int | None) -> StoredEdition:
    """Return the named edition, or the newest one with sent mails.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: no edition was sent yet.
    """
    found = _find(connection, newsletter, edition_id, _SENT)
    if found is None:
        raise NothingToDo(f"newsletter {newsletter}: no edition was sent yet; see `digest status`")
    return found


def named_edition(connection: Connection, edition_id: int) -> StoredEdition:
    """Return the edition with that id.

    Raises:
        UsageError: the edition does not exist.
    """
    found = editions.get_edition(connection, edition_id)
    if found is None:
        raise Missing(f"edition {edition_id}: does not exist; see `digest status`")
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
