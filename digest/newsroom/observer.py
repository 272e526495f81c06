"""What happens, as it happens: lines of a log now, figures later."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from digest.models import CollectReport, FeedOutcome
    from digest.sender.request import RunReport

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Hears of every step; it must not raise, and returns at once."""

    def fetched(self, outcome: FeedOutcome) -> None:
        """One feed was asked; called from the event loop."""

    def collected(self, report: CollectReport) -> None:
        """All feeds of one collection were asked."""

    def composed(self, edition_id: int, name: str) -> None:
        """A draft was made or refreshed.

        Args:
            edition_id: of the draft.
            name: newsletter, cadence and slot, such as `weekly (daily), 2026-11-23 07:00`.
        """

    def approved(self, edition_id: int, actor: str) -> None:
        """A draft was approved."""

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """An edition was frozen to that many deliveries."""

    def sent(self, edition_id: int, count: int) -> None:
        """A run ended in which the relays accepted that many mails of an edition."""

    def deferred(self, edition_id: int, count: int) -> None:
        """A run ended in which that many mails of an edition were put off to a later time."""

    def failed(self, edition_id: int, count: int) -> None:
        """A run ended in which that many mails of an edition were refused for good."""

    def unknown(self, edition_id: int, count: int) -> None:
        """A run ended in which that many mails were handed over and never answered."""


class LogObserver:
    """Writes each event to the log."""

    def fetched(self, outcome: FeedOutcome) -> None:
        """Log a feed at debug level: there may be hundreds."""
        _log.debug("feed %s: %s", outcome.url, outcome.result)

    def collected(self, report: CollectReport) -> None:
        """Log a collection that brought something or met a problem."""
        if report.new or report.changed or report.in_trouble:
            _log.info(
                "feeds: %d new posts, %d changed, %d feeds with problems",
                report.new,
                report.changed,
                len(report.in_trouble),
            )

    def composed(self, edition_id: int, name: str) -> None:
        """Log a draft."""
        _log.info("%s: edition %d composed", name, edition_id)

    def approved(self, edition_id: int, actor: str) -> None:
        """Log an approval."""
        _log.info("edition %d: approved by %s", edition_id, actor)

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Log a freeze."""
        _log.info("edition %d: frozen, to %d subscribers", edition_id, deliveries)

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

    def _count(self, edition_id: int, count: int, what: str) -> None:
        if count:
            _log.info("edition %d: %d %s", edition_id, count, what)


def observe_run(observer: Observer, edition_id: int, report: RunReport) -> None:
    """Report what a send run did."""
    observer.sent(edition_id, report.sent)
    observer.deferred(edition_id, report.deferred)
    observer.failed(edition_id, report.failed)
    observer.unknown(edition_id, report.unknown + report.released.unknown)
