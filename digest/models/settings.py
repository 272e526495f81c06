"""The settings in force, for a page: as text, with their origin, and without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Origin(StrEnum):
    """The origin of the value of a setting."""

    FILE = "file"
    ENVIRONMENT = "environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting."""

    #: As in the configuration file; inner tables with dots.
    key: str
    #: Never a secret.
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsTable:
    """One table of the configuration."""

    #: As in the configuration file, such as `[site]` or `[[newsletters]] weekly`.
    name: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration in force."""

    #: Path of the file; empty if it was not read from one.
    path: str
    #: Whether the file was changed since it was read.
    is_file_newer: bool
    #: Why the file cannot be used now; empty if it can.
    problem: str
    tables: tuple[SettingsTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHealth:
    """The state of the database."""

    #: Without user names and passwords.
    name: str
    #: `SQLite` or `PostgreSQL`.
    engine: str
    #: Its schema version; it is this program's, else nothing would work.
    schema: str
    #: None if it cannot be measured.
    bytes: int | None
    #: When old data was last deleted; None if never.
    purged_at: datetime | None
    #: Retention by what is kept.
    retention: tuple[tuple[str, timedelta], ...]
