"""Feeds that are let be: their server asked for it, or they are gone."""

from __future__ import annotations

from digest.models import FeedSource
from digest.pipeline.collect.kit import Kit
from digest.pipeline.collect.outcome import FeedOutcome, FeedResult
from digest.scheduler.polling import is_resting
from digest.store.feeds import FeedState


def rest_of(kit: Kit, source: FeedSource, state: FeedState) -> FeedOutcome | None:
    """Give the outcome of a feed that is not asked now; None: it may be asked."""
    if kit.is_forced:
        return None
    if state.gone_at is not None:
        return FeedOutcome(url=source.url, result=FeedResult.GONE)
    if is_resting(state.not_before, now=kit.now):
        return FeedOutcome(url=source.url, result=FeedResult.WAITING, waits_until=state.not_before)
    return None
