"""Counts the events of this process, for its metrics."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.models import CollectReport, FeedOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The counts since the process started."""

    #: By outcome: `sent`, `deferred`, `failed`, `unknown`.
    mails: dict[str, int]
    #: Readings of feeds, by result.
    feeds: dict[str, int]
    #: `new` and `changed` posts.
    posts: dict[str, int]
    #: By step, how often it ran and how many seconds that took.
    steps: dict[str, tuple[int, float]]


class Tally:
    """An observer that counts; its methods are called from several threads."""

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self._mails = Counter[str]()
        self._feeds = Counter[str]()
        self._posts = Counter[str]()
        self._runs = Counter[str]()
        self._seconds: dict[str, float] = {}

    def read(self) -> Counts:
        """Return the counts until now."""
        with self._lock:
            return Counts(
                mails=dict(self._mails),
                feeds=dict(self._feeds),
                posts=dict(self._posts),
                steps={step: (runs, self._seconds[step]) for step, runs in self._runs.items()},
            )

    def fetched(self, outcome: FeedOutcome) -> None:
        """Count a reading of a feed."""
        self._add(self._feeds, str(outcome.result), 1)

    def collected(self, report: CollectReport) -> None:
        """Count the posts of a collection."""
        self._add(self._posts, "new", report.new)
        self._add(self._posts, "changed", report.changed)

    def composed(self, edition_id: int, name: str) -> None:
        """Count nothing: editions are counted in the database."""

    def approved(self, edition_id: int, actor: str) -> None:
        """Count nothing."""

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Count nothing."""

    def sent(self, edition_id: int, count: int) -> None:  # noqa: ARG002 - as the others
        """Count accepted mails."""
        self._add(self._mails, "sent", count)

    def deferred(self, edition_id: int, count: int) -> None:  # noqa: ARG002
        """Count deferred mails."""
        self._add(self._mails, "deferred", count)

    def failed(self, edition_id: int, count: int) -> None:  # noqa: ARG002
        """Count failed mails."""
        self._add(self._mails, "failed", count)

    def unknown(self, edition_id: int, count: int) -> None:  # noqa: ARG002
        """Count mails without an answer."""
        self._add(self._mails, "unknown", count)

    def took(self, step: str, seconds: float) -> None:
        """Count a run of a step and its duration."""
        with self._lock:
            self._runs[step] += 1
            self._seconds[step] = self._seconds.get(step, 0.0) + seconds

    def _add(self, counter: Counter[str], name: str, count: int) -> None:
        with self._lock:
            counter[name] += count
