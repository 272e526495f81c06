"""What the ticks of `digest run` work with: values and ways out, all passed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.composer.rules import Rules
from digest.letter.writer import LetterWriter
from digest.models import FeedSource
from digest.pipeline.audience import AudienceRule
from digest.scheduler.agenda import CadenceSettings
from digest.sender.attempt import Mailer
from digest.store.engine import Database
from digest.store.locks import workers_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """One cadence of a newsletter."""

    plan: CadenceSettings
    rules: Rules
    max_window: timedelta
    #: An audience that differs by more than this share from the last one's is held.
    max_jump: float
    #: By the wall clock of the slot, `2026-11-23T07:00`.
    audience_of: Callable[[str], AudienceRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """One newsletter with its cadences."""

    name: str
    #: The first is for new subscribers.
    cadences: tuple[Cadence, ...]
    writer: LetterWriter
    #: Addresses of the feeds that bring its posts.
    feeds: frozenset[str]
    #: How long after its hour a mail is still tried.
    max_age: timedelta
    #: Told when an edition waits for approval.
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Everything around one database."""

    database: Database
    newsletters: tuple[Newsletter, ...]
    sources: tuple[FeedSource, ...]
    #: Reads feeds and stores what is new; a feed that fails is no failure of it.
    read_feeds: Callable[[tuple[FeedSource, ...], datetime], Awaitable[object]]
    #: The signing keys, newest first.
    keys: tuple[str, ...]
    open_mailer: Callable[[], Mailer]
    #: Lines to the relays at once.
    connections: int
    #: Told when something needs a person.
    alerted: tuple[str, ...]
    clock: Callable[[], datetime]

    @property
    def turns(self) -> Path:
        """Where processes agree whose turn it is."""
        return workers_folder(self.database.path)
