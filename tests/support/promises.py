"""A model of what subscribers are promised, written from the rules; uses no table and no step.

A place in time is the number of posts known then. Posts are identified by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MAX_WINDOW = timedelta(weeks=5)
CADENCES = ("weekly", "daily", "monthly")


@dataclass
class Post:
    """A post as it became known."""

    name: str
    seen_at: datetime
    #: The sections of all feeds that have carried it so far.
    sections: set[str]


@dataclass
class Subscriber:
    """A subscriber's choices and window start."""

    sections: frozenset[str]
    cadence: str
    is_confirmed: bool = True
    paused_until: datetime | None = None
    #: None before the first edition; then the common window applies.
    told: int | None = None

    def may_be_mailed(self, now: datetime) -> bool:
        """Return whether an edition may be sent to the subscriber."""
        is_awake = self.paused_until is None or self.paused_until <= now
        return self.is_confirmed and is_awake


@dataclass
class Issue:
    """An edition: its posts, and those that each subscriber is promised."""

    cadence: str
    #: The common window.
    start: int
    #: How far back it reaches for subscribers who are behind.
    reach: int
    end: int
    #: Posts after `reach`, with their place and sections at that time.
    posts: tuple[tuple[int, str, frozenset[str]], ...]
    #: Not yet settled.
    open: dict[str, frozenset[str]] = field(default_factory=dict)
    is_cancelled: bool = False


class Promises:
    """The rules, applied to events."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.subscribers: dict[str, Subscriber] = {}
        self.issues: list[Issue] = []

    # --- events -----------------------------------------------------------------------------------

    def collect(self, documents: Iterable[tuple[frozenset[str], list[str]]], now: datetime) -> None:
        """Record the present content of the feeds: their sections, and the names of their posts."""
        known = {post.name: post for post in self.posts}
        for sections, names in documents:
            for name in names:
                if name not in known:
                    known[name] = Post(name, now, set())
                    self.posts.append(known[name])
                known[name].sections |= sections

    def compose(self, cadence: str, now: datetime) -> Issue | None:
        """Return the edition of a cadence; None if nothing is new."""
        start, end = self._everybody(cadence, now), len(self.posts)
        if start == end:
            return None
        told = [r.told for r in self._subscribers_of(cadence).values() if r.told is not None]
        reach = min([start, *(max(place, self._oldest(now)) for place in told)])
        posts = tuple(
            (place, post.name, frozenset(post.sections))
            for place, post in enumerate(self.posts, 1)
            if place > reach
        )
        return Issue(cadence=cadence, start=start, reach=reach, end=end, posts=posts)

    def freeze(self, issue: Issue, now: datetime) -> bool:
        """Promise each subscriber the posts new for them; return False if there are none."""
        subscribers = self._subscribers_of(issue.cadence)
        found = {
            name: self._new_for(subscriber, issue, now) for name, subscriber in subscribers.items()
        }
        promised = {name: new for name, new in found.items() if new}
        if not promised:
            return False
        for subscriber in subscribers.values():
            subscriber.told = issue.start if subscriber.told is None else subscriber.told
        for other in self.issues:
            # Open deliveries of other editions end, because this edition covers them.
            other.open = {name: new for name, new in other.open.items() if name not in promised}
        issue.open = promised
        self.issues.append(issue)
        return True

    def _new_for(self, subscriber: Subscriber, issue: Issue, now: datetime) -> frozenset[str]:
        start = issue.start if subscriber.told is None else subscriber.told
        since = max(start, min(self._oldest(now), issue.start))
        # A subscriber who is further behind than its reach waits for the next.
        if since < issue.reach or not subscriber.may_be_mailed(now):
            return frozenset()
        return frozenset(
            name
            for place, name, sections in issue.posts
            if place > since and sections & subscriber.sections
        )

    def arrived(self, issue: Issue, name: str) -> None:
        """Record that a subscriber got an edition, or may have."""
        del issue.open[name]
        subscriber = self.subscribers[name]
        subscriber.told = max(subscriber.told or 0, issue.end)

    def failed(self, issue: Issue, name: str) -> None:
        """Record that a subscriber will not get an edition."""
        del issue.open[name]

    def cancel(self, issue: Issue) -> None:
        """Cancel an edition."""
        issue.is_cancelled = True
        issue.open.clear()

    # --- the rules --------------------------------------------------------------------------------

    def _subscribers_of(self, cadence: str) -> Mapping[str, Subscriber]:
        """Return the cadence; without one, or if it is gone, the first applies."""
        first = CADENCES[0]
        return {
            name: subscriber
            for name, subscriber in self.subscribers.items()
            if subscriber.is_confirmed
            and (subscriber.cadence if subscriber.cadence in CADENCES else first) == cadence
        }

    def _everybody(self, cadence: str, now: datetime) -> int:
        """Return the start of the common window: the end of the cadence's last edition.

        The first edition of all begins with the first post.
        """
        ends = [i.end for i in self.issues if i.cadence == cadence and not i.is_cancelled]
        first = self._oldest(now) if self.issues else 0
        return max(ends, default=first)

    def _oldest(self, now: datetime) -> int:
        """Return the oldest start of any window, except for posts in no edition of the cadence."""
        return sum(post.seen_at < now - MAX_WINDOW for post in self.posts)
