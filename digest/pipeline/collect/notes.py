"""What is noted of a feed's answer that brought nothing; stored with others, later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digest.models import Validators
from digest.store import feeds
from digest.store.feeds import FeedState, Moves


def note_unchanged(
    connection: Connection,
    state: FeedState,
    validators: Validators,
    moves: Moves,
    *,
    now: datetime,
    is_whole: bool,
) -> None:
    """Remember that a feed answered; `is_whole`: with the same document again."""
    feeds.save_unchanged(connection, state.id, validators=validators, now=now, is_whole=is_whole)
    note_moves(connection, state, moves)


def note_moves(connection: Connection, state: FeedState, moves: Moves) -> None:
    """Remember where a feed has gone, where that is news."""
    if moves != state.moves:
        feeds.save_moves(connection, state.id, moves)


def note_failure(
    connection: Connection,
    state: FeedState,
    reason: str,
    *,
    now: datetime,
    is_gone: bool,
    is_transient: bool,
    not_before: datetime | None,
    refused_hash: str,
) -> None:
    """Count a failure, or remember that a feed is gone.

    Where one that moved is not at its new place, its own address is asked again next time.
    """
    if is_gone:
        feeds.save_gone(connection, state.id, reason, now=now)
    else:
        feeds.save_failure(
            connection,
            state.id,
            reason,
            now=now,
            not_before=not_before,
            refused_hash=refused_hash,
        )
    if state.moves.settled and not is_transient:
        feeds.save_moves(connection, state.id, Moves())
