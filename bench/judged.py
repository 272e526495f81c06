"""Measures the choice of comments on judged real threads, and the gate on labelled comments.

`make judged` prints the tables. The threads and the labelled comments are other people's texts and
no part of the project: `JUDGED_SETS` names the folder that has them (`corpus`, `judged`,
`labelled`); it is beside the project if not given.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.report import Figure
from digest.composer.gate.policy import judge_comment
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.words import words_for
from digest.composer.quotes.quote import print_text
from digest.composer.rules import Policy
from digest.models import Comment, CommentKind
from tests.support.judged import JudgedThread
from tests.support.judged_files import read_threads
from tests.support.judged_real import real_threads
from tests.support.judging import (
    MEASURES,
    Tally,
    as_the_product,
    rate,
    tallies,
    the_first,
    the_longest,
    the_trivial,
)

SETS = Path(os.environ.get("JUDGED_SETS") or Path(__file__).parents[2] / "shared")
CHOICES = {
    "digest": as_the_product,
    "first": the_first,
    "longest": the_longest,
    "trivial": the_trivial,
}
#: Comments measured of each label.
_MOST = 1000
#: A shorter comment is refused for its length.
_MIN_CHARS = 40
_RUDE = ("antagonize", "hostile", "condescending", "dismissive")


def real_sets() -> dict[str, tuple[JudgedThread, ...]]:
    """Return the sets of judged real threads that are here, by name."""
    sets = {
        "corpus": real_threads(SETS / "corpus"),
        "threads": read_threads(SETS / "judged" / "threads.jsonl"),
        "threads2": read_threads(SETS / "judged" / "threads2.jsonl"),
    }
    return {name: threads for name, threads in sets.items() if threads}


def measure() -> Figure:
    """Return how much more often the first quote is good than the best plain choice."""
    counts = {name: tallies(_all(), choose) for name, choose in CHOICES.items()}
    rates = {name: rate(each, "good@1") for name, each in counts.items()}
    best = max(rates[name].share for name in CHOICES if name != "digest")
    never = rate(counts["digest"], "never")
    return Figure(
        name="threads with a good comment whose first quote is good, on judged real threads",
        peer="the best of these: the first comment, the longest, the longest without a link",
        ratio=rates["digest"].share / best if best else 0.0,
        unit="times as often",
        detail=f"{rates['digest'].share:.0%} against {best:.0%}; quotes that must never be printed:"
        f" {never.hits} of {never.cases}",
    )


def _all() -> list[JudgedThread]:
    return [thread for threads in real_sets().values() for thread in threads]


# --- tables -------------------------------------------------------------------------------------


def table(sets: Mapping[str, Sequence[JudgedThread]]) -> Iterator[str]:
    """Yield the lines of a table of all measures on each set and on all together."""
    yield f"| set | choice | {' | '.join(MEASURES)} |"
    yield "|---|---|" + "---|" * len(MEASURES)
    counts = {
        name: {choice: tallies(threads, choose) for choice, choose in CHOICES.items()}
        for name, threads in sets.items()
    }
    for name, found in counts.items():
        for choice in CHOICES:
            yield _line(f"{name} ({len(sets[name])})", choice, found[choice])
    for choice in CHOICES:
        every = [each for found in counts.values() for each in found[choice]]
        yield _line(f"all ({len(every)})", choice, every)


def _line(name: str, choice: str, counts: Sequence[Tally]) -> str:
    return f"| {name} | {choice} | {' | '.join(_cell(counts, each) for each in MEASURES)} |"


def _cell(counts: Sequence[Tally], name: str) -> str:
    found = rate(counts, name)
    return f"{found.share:.2f} ({found.hits}/{found.cases}; {found.low:.2f}-{found.high:.2f})"


def labelled() -> Iterator[str]:
    """Yield the lines of a table of labelled comments that the gate refuses."""
    yield "| labelled comments | refused |"
    yield "|---|---|"
    for name, texts in labelled_texts(SETS / "labelled" / "measure-only").items():
        refused = sum(is_refused(text, name[:2]) for text in texts)
        yield f"| {name} ({len(texts)}) | {refused / max(1, len(texts)):.1%} |"


def is_refused(text: str, language: str) -> bool:
    """Return whether the gate refuses a comment for its manners; its topic is not known."""
    words = words_for(language)
    printed = print_text(text, words, language) or text[:280]
    comment = Comment(
        id=1,
        parent_id=None,
        author="Ann Miller",
        posted_at=None,
        text=text,
        kind=CommentKind.COMMENT,
        url="",
    )
    return judge_comment(comment, printed, Matter(post=frozenset()), Policy(), words) is not None


def labelled_texts(folder: Path) -> dict[str, list[str]]:
    """Return at most 1000 comments of each label; for measuring alone."""
    if not folder.is_dir():
        return {}
    healthy, german, paper = (
        _rows(folder / name)
        for name in (
            "unhealthy-test.csv",
            "germeval2021-train.csv",
            "sfu-constructiveness.csv",
        )
    )
    popular = "is_toxic_popular_answer_1"
    found = {
        "en healthy": _texts(healthy, lambda r: r["healthy"] == "1" and not _marks(r, *_RUDE)),
        "en constructive": _texts(
            paper, lambda r: r["is_constructive"] == "yes" and r[popular].strip() == "1"
        ),
        "de not toxic": _texts(german, lambda r: r["Sub1_Toxic"] == "0"),
        "en hostile": _texts(healthy, lambda r: _marks(r, "antagonize", "hostile") >= 1),
        "en toxic": _texts(paper, lambda r: r[popular].strip() in {"3", "4"}),
        "de toxic": _texts(german, lambda r: r["Sub1_Toxic"] == "1"),
    }
    for texts in found.values():
        random.Random(1).shuffle(texts)  # no secret
    return {
        name: [text.replace("\n", "\n\n") for text in texts if len(text) >= _MIN_CHARS][:_MOST]
        for name, texts in found.items()
    }


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _texts(rows: list[dict[str, str]], is_wanted: Callable[[dict[str, str]], bool]) -> list[str]:
    named = ("comment", "comment_text")
    return [next(row[name] for name in named if name in row) for row in rows if is_wanted(row)]


def _marks(row: Mapping[str, str], *names: str) -> float:
    return sum(float(row[name] or 0) for name in names)


def main() -> None:
    """Print the tables."""
    sets = real_sets()
    if not sets:
        print(f"{SETS} has no judged threads; name their folder in JUDGED_SETS.")
        return
    for line in table(sets):
        print(line, flush=True)
    print()
    for line in labelled():
        print(line, flush=True)


if __name__ == "__main__":
    main()
