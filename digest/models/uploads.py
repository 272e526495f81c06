"""Imports of files that were uploaded at the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class UploadState(StrEnum):
    """The progress of an import: it is checked first, and runs when an admin says so."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_running(self) -> bool:
        """Whether a process works on it."""
        return self in (UploadState.CHECKING, UploadState.IMPORTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOptions:
    """An admin's answers about a file."""

    #: What people agreed to, or where that is recorded; never empty.
    consent: str
    #: `now`, `all` or empty, as for `digest subscribers import --seen`.
    seen: str = ""
    #: Where the people come from; empty for `import`.
    source: str = ""
    #: The meaning of a column by its heading.
    columns: dict[str, str] = field(default_factory=dict)
    #: The headings of columns that are not read.
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReport:
    """The result of a check or an import, without addresses."""

    #: The number of rows by outcome, zeros included.
    counts: dict[str, int]
    #: The first refused rows: line, masked address, column, reason.
    refused: tuple[tuple[int, str, str, str], ...] = ()
    #: The number of refused rows by their bad column.
    refused_by: dict[str, int] = field(default_factory=dict)
    #: The number of rows by the state that they name.
    states: dict[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One uploaded file and its import."""

    #: Random; names the file in the state folder.
    token: str
    newsletter: str
    #: As the browser named the file.
    name: str
    #: The admin who uploaded it.
    actor: str
    options: UploadOptions
    state: UploadState
    #: Rows read so far in this state.
    rows_read: int
    #: 0 before the check ended.
    rows_total: int
    #: Of the check, then of the import; None before the first.
    report: UploadReport | None
    #: Why it failed; empty if it did not.
    problem: str
    uploaded_at: datetime
    #: When its process was last heard of.
    seen_at: datetime
