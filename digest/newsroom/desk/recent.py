"""Remembers how many mails of a send were not delivered, so that no look counts thousands again."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.store.engine import Connection
from digest.store.figures import Figures, ReasonFigure, read_figures

#: Fewer are counted at each look.
MANY = 1_000
#: How long a count of many is used.
KEPT = timedelta(seconds=10)
#: More editions are not sent at one time.
_MOST_EDITIONS = 50


class RecentFigures:
    """Counts the deliveries of editions for pages that are looked at again and again.

    However many deliveries have failed, they are counted at most once in `KEPT`; what was sent, and
    what is being sent, is always counted now.
    """

    def __init__(self, *, many: int = MANY) -> None:
        """Remember counts of this many, or more, and nothing yet."""
        self._many = many
        self._counted: dict[int, tuple[datetime, tuple[ReasonFigure, ...]]] = {}

    def read(self, connection: Connection, edition_id: int, *, now: datetime) -> Figures:
        """Return the stored figures of an edition that has ended; for another one, count them."""
        at, reasons = self._counted.get(edition_id, (now, None))
        is_recent = reasons is not None and timedelta() <= now - at < KEPT
        found = read_figures(connection, edition_id, reasons=reasons if is_recent else None)
        if found.counted_at is None and not is_recent:
            self._keep(edition_id, found.reasons, now)
        return found

    def forget(self, edition_id: int) -> None:
        """Count an edition again at the next look, because a decision depends on it."""
        self._counted.pop(edition_id, None)

    def _keep(self, edition_id: int, reasons: tuple[ReasonFigure, ...], now: datetime) -> None:
        self.forget(edition_id)
        if sum(each.count for each in reasons) >= self._many:
            if len(self._counted) >= _MOST_EDITIONS:
                self._counted.clear()
            self._counted[edition_id] = (now, reasons)
