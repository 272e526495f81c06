"""The kinds of notes, each with the function that writes it."""

from __future__ import annotations

from collections.abc import Mapping

from digest.newsroom.self_service.confirming import write_confirmation, write_subscribed
from digest.newsroom.self_service.leave_links import write_leave_links
from digest.newsroom.self_service.moving import write_move_new, write_move_old
from digest.newsroom.self_service.notes import NoteKind, WriteNote
from digest.newsroom.self_service.privacy import write_private
from digest.newsroom.self_service.welcome import write_welcome

KINDS: Mapping[str, WriteNote] = {
    NoteKind.CONFIRM: write_confirmation,
    NoteKind.SUBSCRIBED: write_subscribed,
    NoteKind.WELCOME: write_welcome,
    NoteKind.LEAVE: write_leave_links,
    NoteKind.MOVE_OLD: write_move_old,
    NoteKind.MOVE_NEW: write_move_new,
    NoteKind.PRIVATE: write_private,
}
