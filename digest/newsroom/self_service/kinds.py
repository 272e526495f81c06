"""The kinds of notes, each with the function that writes it."""

from __future__ import annotations

from collections.abc import Mapping

from digest.newsroom.self_service.confirming import write_confirmation
from digest.newsroom.self_service.leave_links import write_leave_links
from digest.newsroom.self_service.notes import NoteKind, WriteNote

KINDS: Mapping[str, WriteNote] = {
    NoteKind.CONFIRM: write_confirmation,
    NoteKind.LEAVE: write_leave_links,
}
