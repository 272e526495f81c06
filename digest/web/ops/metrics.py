"""Writes the metrics: counts of this process, and figures of the installation.

The figures are read from the database at each request, so every process of an installation gives
the same; take them with `max`, not `sum`. The counts are of one process; `sum` them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.registry import Collector

import digest
from digest.errors import DigestError
from digest.newsroom.figures import Figures, read_figures

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext
    from digest.newsroom.tally import Counts, Tally


def write_metrics(context: RunContext, tally: Tally) -> tuple[bytes, str]:
    """Return the metrics and their media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(context, tally))
    return generate_latest(registry), CONTENT_TYPE_PLAIN_1_0_0


class _Metrics(Collector):
    """The metrics of one request."""

    def __init__(self, context: RunContext, tally: Tally) -> None:
        self._context = context
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        yield _one("digest_build_info", "The version.", {"version": digest.__version__}, 1)
        yield from _of_process(self._tally.read())
        try:
            figures = read_figures(self._context)
        except DigestError:
            yield _one("digest_database_up", "Whether the database can be read.", {}, 0)
            return
        yield _one("digest_database_up", "Whether the database can be read.", {}, 1)
        yield from _of_installation(figures)


def _of_process(counts: Counts) -> Iterator[Metric]:
    for name, text, label, found in (
        ("digest_mails", "Mails by outcome, since the process started.", "outcome", counts.mails),
        ("digest_feed_reads", "Readings of feeds by result.", "result", counts.feeds),
        ("digest_posts", "New and changed posts.", "kind", counts.posts),
    ):
        family = CounterMetricFamily(name, text, labels=[label])
        for value, count in sorted(found.items()):
            family.add_metric([value], count)
        yield family
    steps = SummaryMetricFamily("digest_step_seconds", "Duration of each step.", labels=["step"])
    for step, (runs, seconds) in sorted(counts.steps.items()):
        steps.add_metric([step], runs, seconds)
    yield steps


def _of_installation(figures: Figures) -> Iterator[Metric]:
    yield _many(
        "digest_editions",
        "Editions by state.",
        ("newsletter", "state"),
        figures.editions,
    )
    yield _many(
        "digest_deliveries",
        "Deliveries by state, of editions that are not finished.",
        ("newsletter", "edition", "state"),
        {
            (each.newsletter, str(each.edition_id), state): count
            for each in figures.unfinished
            for state, count in each.deliveries.items()
        },
    )
    yield _many(
        "digest_unknown_deliveries",
        "Deliveries of finished editions that wait for `digest resolve`.",
        ("newsletter", "edition"),
        {(name, str(edition)): count for (name, edition), count in figures.unknown.items()},
    )
    yield _many(
        "digest_lag_seconds",
        "Seconds since the oldest waiting mail of an edition was due.",
        ("newsletter", "edition"),
        {(each.newsletter, str(each.edition_id)): each.lag_s for each in figures.unfinished},
    )
    yield _many(
        "digest_feed_failures",
        "Failures in a row of each feed.",
        ("feed",),
        {(feed.url,): feed.failures for feed in figures.feeds},
    )
    yield _many(
        "digest_feed_read_timestamp_seconds",
        "When each feed was last read without error.",
        ("feed",),
        {(feed.url,): feed.read_at.timestamp() for feed in figures.feeds if feed.read_at},
    )
    yield _many(
        "digest_next_slot_timestamp_seconds",
        "The next slot of each cadence.",
        ("newsletter", "cadence"),
        {names: due_at.timestamp() for names, due_at in figures.next_slots.items()},
    )
    yield _many(
        "digest_missed_slots",
        "Missed slots among the last 50 of each cadence.",
        ("newsletter", "cadence"),
        figures.missed,
    )
    handed = CounterMetricFamily("digest_handed_over", "Mails handed over since the beginning.")
    handed.add_metric([], figures.handed_over)
    yield handed
    yield _one("digest_notices_waiting", "Mails outside editions that wait.", {}, figures.notices)
    yield _one(
        "digest_leavings_waiting",
        "Whether unsubscribes wait for the database.",
        {},
        int(figures.has_leavings),
    )


def _one(name: str, text: str, labels: dict[str, str], value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _many(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    for named, value in sorted(values.items()):
        family.add_metric(list(named), value)
    return family
