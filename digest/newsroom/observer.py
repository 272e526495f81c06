"""Observers: they are called with each event; `LogObserver` logs the events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from digest.text.counted import counted

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

    def took(self, step: str, seconds: float) -> None:
        """Handle the duration of a step: `collect`, `compose`, `freeze` or `send`."""


class LogObserver:
    """Writes each event to the log, with its name and figures as fields of the record."""

    def fetched(self, outcome: FeedOutcome) -> None:
        """Log a feed at debug level, because there may be hundreds."""
        fields = _fields("fetched", feed=outcome.url, result=str(outcome.result))
        _log.debug("feed %s: %s", outcome.url, outcome.result, extra=fields)

    def collected(self, report: CollectReport) -> None:
        """Log a collection with new or changed posts or with problems."""
        for feed in report.feeds:
            if feed.archived:
                fields = _fields("archive", feed=feed.url, posts=feed.archived)
                _log.warning(
                    "feed %s: %s kept, not mailed",
                    feed.url,
                    counted(feed.archived, "old post"),
                    extra=fields,
                )
            if feed.has_gap:
                _log.warning(
                    "feed %s: posts may be missing since its last reading",
                    feed.url,
                    extra=_fields("gap", feed=feed.url),
                )
        if report.new or report.changed or report.in_trouble:
            troubled = len(report.in_trouble)
            _log.info(
                "feeds collected: posts new %d, posts changed %d, feeds with problems %d",
                report.new,
                report.changed,
                troubled,
                extra=_fields("collected", new=report.new, changed=report.changed, failed=troubled),
            )

    def composed(self, edition_id: int, name: str) -> None:
        """Log a composed draft."""
        _log.info(
            "%s: edition %d composed", name, edition_id, extra=_fields("composed", edition_id)
        )

    def approved(self, edition_id: int, actor: str) -> None:
        """Log an approval."""
        fields = _fields("approved", edition_id, actor=actor)
        _log.info("edition %d: approved by %s", edition_id, actor, extra=fields)

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Log a freeze."""
        fields = _fields("frozen", edition_id, deliveries=deliveries)
        _log.info("edition %d: frozen, deliveries: %d", edition_id, deliveries, extra=fields)

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
        self._count(edition_id, count, "unknown", "; see `digest resolve`")

    def took(self, step: str, seconds: float) -> None:
        """Log a duration at debug level."""
        _log.debug("%s took %.3f s", step, seconds, extra=_fields("took", step=step, s=seconds))

    def _count(self, edition_id: int, count: int, state: str, advice: str = "") -> None:
        if count:
            fields = _fields(state, edition_id, count=count)
            _log.info("edition %d: %d %s%s", edition_id, count, state, advice, extra=fields)


class Observers:
    """Passes each event on to several observers."""

    def __init__(self, *observers: Observer) -> None:
        """Set the observers."""
        self._observers = observers

    def fetched(self, outcome: FeedOutcome) -> None:
        """Pass on the outcome of a feed."""
        for each in self._observers:
            each.fetched(outcome)

    def collected(self, report: CollectReport) -> None:
        """Pass on the end of a collection."""
        for each in self._observers:
            each.collected(report)

    def composed(self, edition_id: int, name: str) -> None:
        """Pass on a draft."""
        for each in self._observers:
            each.composed(edition_id, name)

    def approved(self, edition_id: int, actor: str) -> None:
        """Pass on an approval."""
        for each in self._observers:
            each.approved(edition_id, actor)

    def frozen(self, edition_id: int, deliveries: int) -> None:
        """Pass on a freeze."""
        for each in self._observers:
            each.frozen(edition_id, deliveries)

    def sent(self, edition_id: int, count: int) -> None:
        """Pass on accepted mails."""
        for each in self._observers:
            each.sent(edition_id, count)

    def deferred(self, edition_id: int, count: int) -> None:
        """Pass on deferred mails."""
        for each in self._observers:
            each.deferred(edition_id, count)

    def failed(self, edition_id: int, count: int) -> None:
        """Pass on failed mails."""
        for each in self._observers:
            each.failed(edition_id, count)

    def unknown(self, edition_id: int, count: int) -> None:
        """Pass on mails without an answer."""
        for each in self._observers:
            each.unknown(edition_id, count)

    def took(self, step: str, seconds: float) -> None:
        """Pass on a duration."""
        for each in self._observers:
            each.took(step, seconds)


def _fields(event: str, edition: int | None = None, **more: object) -> dict[str, object]:
    """Return the fields of a record; a log in JSON shows them beside its message."""
    shown = {"event": event, **({"edition": edition} if edition is not None else {}), **more}
    return {"fields": shown}


def observe_run(observer: Observer, edition_id: int, report: RunReport) -> None:
    """Report the counts of a send run to the observer."""
    observer.sent(edition_id, report.sent)
    observer.deferred(edition_id, report.deferred)
    observer.failed(edition_id, report.failed)
    observer.unknown(edition_id, report.unknown + report.released.unknown)
    observer.took("send", report.seconds)
