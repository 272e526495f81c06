"""What the desk shows of an edition: its header, its row in the list, its variants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import Edition, EditionState, Finding


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
    """One edition in the list."""

    id: int
    #: The newsletter's title.
    newsletter: str
    number: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    #: Wall clock such as `2026-11-23T07:00`, in `timezone`.
    slot: str
    #: IANA name; empty if the newsletter is no longer configured.
    timezone: str
    #: Subject of the mail that most subscribers get.
    subject: str
    story_count: int
    #: Number of deliveries by state, only states that occur; empty before the freeze.
    deliveries: tuple[tuple[str, int], ...]
    #: Number of findings that block the edition. None before the freeze in the list, because the
    #: letters are only written for the edition's page.
    error_count: int | None
    #: Number of findings that do not block the edition; None as for `error_count`.
    warning_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One variant of an edition."""

    key: str
    #: Its categories, such as `Security, Economy` or `All sections`.
    label: str
    subject: str
    story_count: int
    #: None if unknown.
    subscriber_count: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """One edition with everything that its page shows, except the mails."""

    row: EditionRow
    #: The snapshot, with the reason for each choice.
    edition: Edition
    #: The widest first; empty if the edition was cancelled before its mails were written.
    variants: tuple[VariantRow, ...]
