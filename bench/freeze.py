"""Compares a freeze for many subscribers with one `INSERT … SELECT` of the same rows.

The peer writes one equal row for each subscriber and decides nothing. Ours composes the edition,
groups its subscribers, plans a variant for each of 40 pairs of window and categories, writes the
rows, and looks for open deliveries of older editions. The letters are light, because the time for
writing 40 real ones does not depend on the number of subscribers.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from random import Random
from time import perf_counter

from sqlalchemy import insert, literal, select

from bench.report import Figure, median_ratio
from digest.models import Slot
from digest.store.schema import open_checked
from digest.store.tables import deliveries
from subscribers.preferences import dump_categories
from subscribers.tables import people, subscriptions
from tests.support.paper import FEEDS, NAME, SECTIONS, Paper

ROUNDS, SUBSCRIBERS, FEWER = 3, 100_000, 10_000
POSTS = 60
_NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
_SLOT = Slot(local_at="2026-11-23T07:00", due_at=_NOW)
_CHOICES = ((), *((name,) for name in SECTIONS), SECTIONS[:2])
#: Each begins before the last post of the feed read first, so that every subscriber gets a mail.
_WINDOWS = tuple(range(0, 16, 2))


def measure() -> Figure:
    """Return our time relative to the peer's, and the memory for many and for few subscribers."""
    rounds = [_round(SUBSCRIBERS) for _ in range(ROUNDS)]
    few = _round(FEWER)
    last = rounds[-1]
    ratio = median_ratio([(each["ours_s"], each["peer_s"]) for each in rounds])
    return Figure(
        name=f"composing and freezing for {SUBSCRIBERS:,} subscribers in"
        f" {len(_CHOICES) * len(_WINDOWS)} windows and category sets",
        peer="one `INSERT … SELECT` of the same rows",
        ratio=ratio,
        unit="times its time",
        detail=f"{last['ours_s']:.2f} s against {last['peer_s']:.2f} s; peak memory"
        f" {last['peak_mb']:.0f} MB, with {FEWER:,} subscribers {few['peak_mb']:.0f} MB",
    )


def _round(subscribers: int) -> dict[str, float]:
    """Measure in a separate process, so that the peak memory is that of this round."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.freeze", str(subscribers)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the round failed: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure_here(subscribers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        paper = Paper(open_checked(f"sqlite:///{name}/paper.db"), _NOW)
        _fill(paper, subscribers)
        gc.collect()
        started = perf_counter()
        edition_id = paper.compose("weekly", _SLOT)
        if edition_id is None or paper.freeze(edition_id) != subscribers:
            raise RuntimeError("the freeze did not write a delivery for every subscriber")
        ours_s = perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        peer_s = _insert_plainly(paper, edition_id)
        paper.database.close()
    return {"ours_s": ours_s, "peer_s": peer_s, "peak_mb": peak_mb}


def _fill(paper: Paper, subscribers: int) -> None:
    """Store posts in every section, and subscribers spread evenly over windows and choices."""
    paper.collect()
    random = Random(1)
    for number in range(POSTS):
        url = list(FEEDS)[number % len(FEEDS)]
        paper.documents.publish(
            url, f"Tale{chr(97 + number // 26)}{chr(97 + number % 26)}", _NOW, random
        )
    paper.collect()
    choices = [dump_categories(choice) for choice in _CHOICES]
    for start in range(0, subscribers, 1000):
        numbers = range(start + 1, min(start + 1000, subscribers) + 1)
        with paper.database.write() as connection:
            connection.execute(insert(people), [_person(number) for number in numbers])
            connection.execute(
                insert(subscriptions),
                [
                    {
                        "person_id": number,
                        "newsletter": NAME,
                        "state": "confirmed",
                        "joined_at": _NOW,
                        "categories": choices[number % len(choices)],
                        "seen_seq": _WINDOWS[number // len(choices) % len(_WINDOWS)],
                    }
                    for number in numbers
                ],
            )


def _person(number: int) -> dict[str, object]:
    address = f"subscriber{number}@example.org"
    return {
        "id": number,
        "public_id": f"public{number}",
        "address": address,
        "address_key": address,
        "created_at": _NOW,
    }


def _insert_plainly(paper: Paper, edition_id: int) -> float:
    """Replace our rows with the same rows, also in one transaction; return the seconds."""
    with paper.database.write() as connection:
        first = connection.execute(select(deliveries.c.variant_id).limit(1)).scalar_one()
        connection.execute(deliveries.delete())
    query = (
        select(
            literal(edition_id),
            subscriptions.c.person_id,
            literal(first),
            literal(_NOW, deliveries.c.not_before.type),
            literal("pending"),
        )
        .where(subscriptions.c.newsletter == NAME, subscriptions.c.state == "confirmed")
        .order_by(subscriptions.c.person_id)
    )
    columns = ["edition_id", "subscriber_id", "variant_id", "not_before", "state"]
    started = perf_counter()
    with paper.database.write() as connection:
        connection.execute(insert(deliveries).from_select(columns, query))
    return perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(_measure_here(int(sys.argv[1]))))
