"""The header of an edition on the desk, and its row in the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionHead:
    """The header of an edition's pages."""

    id: int
    #: The newsletter's title; its name if it is no longer configured.
    newsletter: str
    #: The newsletter's name.
    name: str
    cadence: str
    number: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    #: Wall clock such as `2026-11-23T07:00`, in `timezone`.
    slot: str
    #: The same in UTC.
    due_at: datetime
    #: IANA name; empty if the newsletter is no longer configured.
    timezone: str
    #: Whether its deliveries exist, so that its content cannot change any more.
    is_frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """One edition in a list."""

    head: EditionHead
    #: Subject of the mail of all categories.
    subject: str
    #: Number of stories of that mail, with those that a section's limit leaves out.
    story_count: int
    #: Number of stories that only subscribers get who missed an edition; 0 after the freeze.
    older_count: int
    #: Size of that mail's HTML in bytes; None if it was never written, or is no longer kept.
    size: int | None
    #: Number of findings that block the edition; None if it was never checked.
    error_count: int | None
    #: Number of findings that do not block the edition; None as for `error_count`.
    warning_count: int | None
    #: Number of its mails after the freeze; before, of the subscribers at its last check, or else
    #: of the mails of its cadence's last edition.
    audience: int | None
    #: Whether it was the last edition that had this audience.
    is_last_audience: bool
    #: What became of its mails, if that is known without counting them: number by state.
    outcomes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionList:
    """A page of the list of editions, newest first."""

    rows: tuple[EditionRow, ...]
    #: Names and titles of the newsletters to choose from.
    newsletters: tuple[tuple[str, str], ...]
    #: The chosen newsletter's name; empty for all.
    newsletter: str
    #: The id after which the page of newer editions ends; None if this is the first page.
    newer: int | None
    #: The id before which the page of older editions begins; None if this is the last page.
    older: int | None
