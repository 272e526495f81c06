"""Observers: they are called with each event; `LogObserver` logs the events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from digest.models import CollectReport, FeedOutcome
    from digest.sender.request import RunReport

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """A receiver of events; its methods must not raise or block."""

    def fetched(self, outcome: FeedOutcome) -> None:
        """Handle the outcome of one feed; called from the event loop."""

    def collected(self, report: CollectReport) -> None:
        """Handle the end of a collection."""

    def composed(self, edition_id: int, name: str) -> None:
        """Handle a draft that was made or refreshed.

        Args:
            edition_id: the draft's id.
            name: newsletter, cadence and slot, such as `weekly (daily), 2026-11-23 07:00`.
        """

    def approved(self, edition_id: int, actor: str) -> None:
        """Handle the approval of a draft."""

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Handle the freeze of an edition with its number of deliveries."""

    def sent(self, edition_id: int, count: int) -> None:
        """Handle the number of mails that the relays accepted in a run."""

    def deferred(self, edition_id: int, count: int) -> None:
        """Handle the number of mails that were deferred in a run."""

    def failed(self, edition_id: int, count: int) -> None:
        """Handle the number of mails that failed for good in a run."""

    def unknown(self, edition_id: int, count: int) -> None:
        """Handle the number of mails that were handed over in a run and never answered."""


class LogObserver:
    """Writes each event to the log."""

    def fetched(self, outcome: FeedOutcome) -> None:
        """Log a feed at debug level, because there may be hundreds."""
        _log.debug("feed %s: %s", outcome.url, outcome.result)

    def collected(self, report: CollectReport) -> None:
        """Log a collection with new or changed posts or with problems."""
        for feed in report.feeds:
            if feed.archived:
                _log.warning("feed %s: %d old posts kept, not mailed", feed.url, feed.archived)
            if feed.has_gap:
                _log.warning("feed %s: posts may be missing since its last reading", feed.url)
        if report.new or report.changed or report.in_trouble:
            _log.info(
                "feeds collected: posts new %d, posts changed %d, feeds with problems %d",
                report.new,
                report.changed,
                len(report.in_trouble),
            )

    def composed(self, edition_id: int, name: str) -> None:
        """Log a composed draft."""
        _log.info("%s: edition %d composed", name, edition_id)

    def approved(self, edition_id: int, actor: str) -> None:
        """Log an approval."""
        _log.info("edition %d: approved by %s", edition_id, actor)

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Log a freeze."""
        _log.info("edition %d: frozen, deliveries: %d", edition_id, deliveries)

    def sent(self, edition_id: int, count: int) -> None:
        """Log accepted mails."""
        self._count(edition_id, count, "sent")

    def deferred(self, edition_id: int, count: int) -> None:
        """Log deferred mails."""
        self._count(edition_id, count, "deferred")

    def failed(self, edition_id: int, count: int) -> None:
        """Log failed mails."""
        self._count(edition_id, count, "failed")

    def unknown(self, edition_id: int, count: int) -> None:
        """Log mails without an answer."""
        self._count(edition_id, count, "unknown; see `digest resolve`")

    def _count(self, edition_id: int, count: int, state: str) -> None:
        if count:
            _log.info("edition %d: %d %s", edition_id, count, state)


def observe_run(observer: Observer, edition_id: int, report: RunReport) -> None:
    """Report the counts of a send run to the observer."""
    observer.sent(edition_id, report.sent)
    observer.deferred(edition_id, report.deferred)
    observer.failed(edition_id, report.failed)
    observer.unknown(edition_id, report.unknown + report.released.unknown)
