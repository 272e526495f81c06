"""The kinds of notes, each with the function that writes it."""

from __future__ import annotations

from collections.abc import Mapping

from digest.newsroom.self_service.confirming import write_confirmation, write_subscribed
from digest.newsroom.self_service.notes import NoteKind, WriteNote
from digest.newsroom.self_service.welcome import write_welcome

KINDS: Mapping[str, WriteNote] = {
    NoteKind.CONFIRM: write_confirmation,
    NoteKind.SUBSCRIBED: write_subscribed,
    NoteKind.WELCOME: write_welcome,
}
