"""The feeds of the configuration file, as the use cases of feeds see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from digest.models import FeedSource, NewFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The result of a change of the file."""

    #: The new lines of the configuration.
    lines: str
    is_written: bool
    #: Why nothing was written; empty if it was, or if it was a dry run.
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A list of feeds from another program, compared with the configuration."""

    #: The feeds that are not in the configuration and have a category.
    new: tuple[NewFeed, ...]
    #: The number of feeds that are already in the configuration.
    known: int
    #: Entries that cannot be added, one line each.
    problems: tuple[str, ...]


class FeedFile(Protocol):
    """The feeds of one configuration file, as it is at the moment; see `digest.app.feed_list`."""

    @property
    def path(self) -> Path:
        """The configuration file."""

    @property
    def sources(self) -> tuple[FeedSource, ...]:
        """The feeds, in order."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category that a newsletter shows."""

    def has(self, *urls: str) -> bool:
        """Whether one of these addresses is a configured feed, in any spelling."""

    def check_section(self, section: str) -> None:
        """Check that a newsletter exists; an empty name is accepted."""

    def warnings(self, feeds: Sequence[NewFeed], section: str) -> tuple[str, ...]:
        """Return a warning, with what to do, for each category that no newsletter shows."""

    def add(self, feeds: Sequence[NewFeed], *, section: str, is_dry: bool) -> Written:
        """Add feeds to the file."""

    def remove(self, url: str) -> Written:
        """Remove a feed from the file."""

    def read_opml(self, body: bytes, name: str, categories: tuple[str, ...]) -> ReadList:
        """Read an OPML list of feeds."""

    def write_opml(self) -> bytes:
        """Return the configured feeds as OPML."""
