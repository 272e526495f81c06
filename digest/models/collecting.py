"""The result of a collection, by feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedResult(StrEnum):
    """The result of the collection of one feed."""

    READ = "read"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    #: Not fetched: its server asked for a pause.
    WAITING = "waiting"
    #: Its server answered that it is permanently gone; it is not fetched any more.
    GONE = "gone"
    #: Read or unchanged, and its new address is reported for the first time.
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """The outcome of the collection of one feed."""

    url: str
    result: FeedResult
    new: int = 0
    changed: int = 0
    #: New posts that are kept as the archive that its site began to list; not mailed.
    archived: int = 0
    #: Whether posts may be missing: its document did not reach back to a known post.
    has_gap: bool = False
    #: Comments that were not known before.
    new_comments: int = 0
    #: One line each: the cause of a failure, or something skipped or repaired.
    problems: tuple[str, ...] = ()
    #: When it is fetched again; None if its server did not ask for a pause.
    waits_until: datetime | None = None
    duration_s: float = 0

    @property
    def is_had(self) -> bool:
        """Whether the feed was fetched: its server sent a document or "not modified"."""
        return self.result in {FeedResult.READ, FeedResult.UNCHANGED, FeedResult.MOVED}

    @property
    def is_trouble(self) -> bool:
        """Whether to report it to the operator: it failed, or is gone since this collection."""
        return self.result is FeedResult.FAILED or (
            self.result is FeedResult.GONE and bool(self.problems)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """Every feed's outcome, in the order of the configuration."""

    feeds: tuple[FeedOutcome, ...]

    @property
    def new(self) -> int:
        """The number of new posts."""
        return sum(feed.new for feed in self.feeds)

    @property
    def changed(self) -> int:
        """The number of changed posts."""
        return sum(feed.changed for feed in self.feeds)

    @property
    def new_comments(self) -> int:
        """The number of comments that were not known before."""
        return sum(feed.new_comments for feed in self.feeds)

    @property
    def failed(self) -> tuple[FeedOutcome, ...]:
        """Feeds that could not be fetched or read."""
        return self.with_result(FeedResult.FAILED)

    @property
    def in_trouble(self) -> tuple[FeedOutcome, ...]:
        """Feeds to report to the operator."""
        return tuple(feed for feed in self.feeds if feed.is_trouble)

    def with_result(self, result: FeedResult) -> tuple[FeedOutcome, ...]:
        """Return the feeds with this result."""
        return tuple(feed for feed in self.feeds if feed.result is result)
