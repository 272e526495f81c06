"""What a collection brought, feed by feed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeedResult(StrEnum):
    """How one feed's turn ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """What one feed's turn brought."""

    url: str
    result: FeedResult
    new: int = 0
    changed: int = 0
    #: Not seen before.
    new_comments: int = 0
    #: One line each: why it failed, what was skipped or mended.
    problems: tuple[str, ...] = ()
    duration_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """Every feed's outcome, in the order of the configuration."""

    feeds: tuple[FeedOutcome, ...]

    @property
    def new(self) -> int:
        """New posts."""
        return sum(feed.new for feed in self.feeds)

    @property
    def changed(self) -> int:
        """Changed posts."""
        return sum(feed.changed for feed in self.feeds)

    @property
    def new_comments(self) -> int:
        """Comments not seen before."""
        return sum(feed.new_comments for feed in self.feeds)

    @property
    def failed(self) -> tuple[FeedOutcome, ...]:
        """Feeds that could not be had or read."""
        return tuple(feed for feed in self.feeds if feed.result is FeedResult.FAILED)
