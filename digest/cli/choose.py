"""Which edition a command means where none is named."""

from __future__ import annotations

from collections.abc import Sequence

from digest.app import App
from digest.errors import NothingToDo, Refused, UsageError
from digest.models import EditionState, StoredEdition
from digest.store import editions

_SENDABLE = (EditionState.DRAFT, EditionState.APPROVED, EditionState.SENDING)
_VISIBLE = (*_SENDABLE, EditionState.PAUSED, EditionState.FINISHED)


def visible_edition(app: App, edition_id: int | None, newsletter: str) -> StoredEdition:
    """Give the named edition, or the newest of the newsletter that was not cancelled.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: there is no edition yet.
    """
    found = _find(app, edition_id, newsletter, _VISIBLE)
    if found is None:
        raise NothingToDo("no edition yet; `digest collect`, then `digest compose`")
    return found


def sendable_edition(app: App, edition_id: int | None, newsletter: str) -> StoredEdition:
    """Give the named edition if it can be sent, or the newest that can.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: it is finished or cancelled, or there is no draft.
        Refused: it is paused.
    """
    found = _find(app, edition_id, newsletter, (*_SENDABLE, EditionState.PAUSED))
    if found is None:
        raise NothingToDo("no draft to send; `digest compose` makes one")
    if found.state is EditionState.PAUSED:
        raise Refused(
            f"edition {found.id}: paused ({found.paused_reason}); `digest resume {found.id}`"
        )
    if found.state not in _SENDABLE:
        raise NothingToDo(f"edition {found.id}: {found.state} already")
    return found


def draft_edition(app: App, edition_id: int | None, newsletter: str) -> StoredEdition:
    """Give the named edition, or the newest that is on the desk or was approved there.

    Raises:
        UsageError: there is none of that number.
        NothingToDo: there is no draft.
    """
    found = _find(app, edition_id, newsletter, (*editions.OPEN, EditionState.PAUSED))
    if found is None:
        raise NothingToDo("no draft; `digest compose` makes one")
    return found


def named_edition(app: App, edition_id: int) -> StoredEdition:
    """Give the edition of that number.

    Raises:
        UsageError: there is none.
    """
    with app.database.read() as connection:
        found = editions.get_edition(connection, edition_id)
    if found is None:
        raise UsageError(f"edition {edition_id}: there is none; see `digest status`")
    return found


def _find(
    app: App, edition_id: int | None, newsletter: str, states: Sequence[EditionState]
) -> StoredEdition | None:
    if edition_id is not None:
        return named_edition(app, edition_id)
    with app.database.read() as connection:
        return editions.newest_edition(connection, app.newsletter(newsletter).name, states)
