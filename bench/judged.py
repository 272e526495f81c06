"""Compares the quoted comments with the judged set, and with choices that use no ranking.

`python -m bench.judged` runs only this, in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.circumstances import circumstances
from bench.report import RESULTS, Figure
from tests.support.judged import Half, JudgedThread, later_threads
from tests.support.judged_real import judged_threads
from tests.support.judging import (
    GOOD,
    PRINTABLE,
    Scores,
    as_the_product,
    at_random,
    precision_at_random,
    score,
    the_first,
    the_longest,
)

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
RANKINGS = {"ranking": as_the_product, "first": the_first, "longest": the_longest}
PARTS = ("all", "invented", "real")


def measure() -> Figure:
    """Judge both halves, write `bench/results/judged.json`, return the figure of the kept half."""
    halves = judge(judged_threads(CORPUS))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "judged.json").write_text(
        json.dumps({**circumstances(), **halves}, indent=1) + "\n", "utf-8"
    )
    kept = halves[Half.KEPT]["all"]
    ours = kept["ranking"]["precision"]["at_1"]
    peers = [kept[name]["precision"]["at_1"] for name in ("first", "longest")]
    best = max(*peers, kept["random"]["precision"])
    return Figure(
        name="first quotes that are judged good, in threads kept back",
        peer="the best of these: the first comment, the longest, a random one",
        ratio=ours / best,
        unit="times as often",
        detail=f"{ours:.0%} against {best:.0%} of the first quotes; quotes that must never be"
        f" printed: {kept['ranking']['never']}; {halves['note']}",
    )


def judge(threads: Sequence[JudgedThread]) -> dict[str, Any]:
    """Score every ranking on both halves, for invented and real threads, and on the later set."""
    has_real = any(thread.is_real for thread in threads)
    note = "invented and real threads" if has_real else "invented threads only, without the corpus"
    halves = {half: _half_of(threads, half) for half in Half}
    return {
        "note": note,
        **{
            half.value: {part: _judge_part(_part_of(own, part)) for part in PARTS}
            for half, own in halves.items()
        },
        "later": {half.value: _judge_part(_half_of(later_threads(), half)) for half in Half},
    }


def _half_of(threads: Iterable[JudgedThread], half: Half) -> list[JudgedThread]:
    return [each for each in threads if each.half is half]


def _part_of(threads: Sequence[JudgedThread], part: str) -> list[JudgedThread]:
    return [each for each in threads if part in {"all", "real" if each.is_real else "invented"}]


def _judge_part(threads: list[JudgedThread]) -> dict[str, Any]:
    scores = {name: _rounded(score(threads, choose)) for name, choose in RANKINGS.items()}
    random = {
        "good": round(at_random(threads, GOOD), 3),
        "good_or_ok": round(at_random(threads, PRINTABLE), 3),
        "precision": round(precision_at_random(threads), 3),
    }
    return scores | {"random": random}


def _rounded(scores: Scores) -> dict[str, Any]:
    table = asdict(scores)
    for name in ("good", "good_or_ok", "precision"):
        table[name] |= {place: round(table[name][place], 3) for place in ("at_1", "at_2")}
    return table


if __name__ == "__main__":
    print(measure().detail)
    print((RESULTS / "judged.json").read_text("utf-8"))
