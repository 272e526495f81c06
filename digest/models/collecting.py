"""What a collection brought, feed by feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedResult(StrEnum):
    """How one feed's turn ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    #: Not asked: its server wants to be left alone.
    WAITING = "waiting"
    #: Its server said that it is gone for good; not asked any more.
    GONE = "gone"
    #: Read or unchanged, and told for the first time that its address is another one.
    MOVED = "moved"


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
    #: When it is asked again, where its server wants to be left alone.
    waits_until: datetime | None = None
    duration_s: float = 0

    @property
    def is_had(self) -> bool:
        """Whether the feed answered with a document, or that nothing changed."""
        return self.result in {FeedResult.READ, FeedResult.UNCHANGED, FeedResult.MOVED}

    @property
    def is_trouble(self) -> bool:
        """Whether an operator is to be told: a failure, or the first news that it is gone."""
        return self.result is FeedResult.FAILED or (
            self.result is FeedResult.GONE and bool(self.problems)
        )


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
        return self.with_result(FeedResult.FAILED)

    @property
    def in_trouble(self) -> tuple[FeedOutcome, ...]:
        """Feeds that an operator is to be told of."""
        return tuple(feed for feed in self.feeds if feed.is_trouble)

    def with_result(self, result: FeedResult) -> tuple[FeedOutcome, ...]:
        """Feeds whose turn ended so."""
        return tuple(feed for feed in self.feeds if feed.result is result)
