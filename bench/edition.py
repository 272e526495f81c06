"""Measures composing 500 posts with 20,000 comments, then writing 100 variants of the edition.

The peer of a variant is one run of premailer over the same page, because inlining is the one step
that costs more than all of ours. Each number of variants is measured in its own process for the
peak memory. Letters are dropped after they are written, because the freeze stores each of them.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations, cycle
from random import Random
from statistics import median
from time import process_time

from bench.report import Figure
from digest.composer.edition import compose
from digest.composer.rules import Issue, Rules
from digest.letter.letter import write_letter
from digest.letter.planning.variants import plan_variant
from digest.letter.printing.inline import inline_css
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from digest.models import Candidate, Comment, CommentKind, Edition, Masthead, Post, Variant
from tests.support.samples import sample_facts, sample_renderer, sample_site

POSTS, COMMENTS, VARIANTS, FEWER = 500, 40, 100, 10
SECTIONS = ("Security", "Economy", "Culture", "Science", "Sport")
_NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
_WORDS = (  # noqa: SIM905
    "harbour council winter bridge engine meter night market timber library ferry valley "
    "repair budget crew radio river school garden history archive weather station tunnel "
    "mill orchard signal concert village museum question answer worker number season "
).split()


def measure() -> Figure:
    """Return the time of a variant relative to one run of premailer over its page."""
    many, few = (_run(count) for count in (VARIANTS, FEWER))
    return Figure(
        name=f"writing one of {VARIANTS} variants of an edition of {POSTS} posts with"
        f" {POSTS * COMMENTS:,} comments",
        peer="one run of premailer over the same page",
        ratio=many["ratio"],
        unit="times its processor time",
        detail=f"composing {many['compose_s']:.1f} s; a variant {many['variant_s'] * 1e3:.0f} ms;"
        f" peak memory {many['peak_mb']:.0f} MB, with {FEWER} variants {few['peak_mb']:.0f} MB",
    )


def _run(variants: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.edition", str(variants)],
        capture_output=True,
        check=True,
        text=True,
    )
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


def _measure_here(count: int) -> dict[str, float]:
    started = process_time()
    edition = _compose(_candidates())
    compose_s = process_time() - started
    renderer, site, facts = sample_renderer(), sample_site(), sample_facts()
    ratios, costs = [], []
    for variant in _variants(edition, count):
        page = renderer.render_mail(build_view(edition, variant, site, PlaceMarks(seed="0" * 16)))
        peer = _seconds(lambda page=page: inline_css(page))  # type: ignore[misc]  # a default binds it
        ours = _seconds(
            lambda variant=variant: write_letter(edition, variant, site, renderer, facts)  # type: ignore[misc]  # likewise
        )
        ratios.append(ours / peer)
        costs.append(ours)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "compose_s": compose_s,
        "variant_s": median(costs),
        "ratio": median(ratios),
        "peak_mb": peak_kb / 1024,
    }


def _seconds(work: object) -> float:
    assert callable(work)
    started = process_time()
    work()
    return process_time() - started


def _compose(candidates: list[Candidate]) -> Edition:
    rules = Rules(
        newsletter="weekly",
        masthead=Masthead(title="The Lantern Weekly", home_url="https://lantern.example/"),
        cadence="weekly",
        timezone="UTC",
        language="en",
        categories=SECTIONS,
    )
    issue = Issue(
        slot="2026-11-23T07:00",
        due_at=_NOW,
        number=1,
        since_seq=0,
        last_cut_seq=0,
        cut_seq=POSTS,
    )
    edition = compose(rules, candidates, issue)
    assert edition is not None
    return edition


def _variants(edition: Edition, count: int) -> list[Variant]:
    """Return that many different variants, by sections, window and text size."""
    choices = [frozenset(chosen) for n in (5, 4, 3) for chosen in combinations(SECTIONS, n)]
    found: dict[str, Variant] = {}
    for turn, categories in enumerate(cycle(choices)):
        size = "large" if turn % 2 else "normal"
        variant = plan_variant(
            edition, categories=categories, since_seq=turn % 7 * 40, text_size=size
        )
        assert variant is not None
        found[variant.key] = variant
        if len(found) == count:
            return list(found.values())
    raise AssertionError


def _candidates() -> list[Candidate]:
    random = Random(26)
    return [_candidate(number, random) for number in range(1, POSTS + 1)]


def _candidate(number: int, random: Random) -> Candidate:
    words = " ".join(_sentence(random) for _ in range(40))
    post = Post(
        id=number,
        seq=number,
        feed_url=f"https://feed{number % 20}.example/",
        feed_title=f"Feed {number % 20}",
        url=f"https://feed{number % 20}.example/{number}",
        title=f"{_sentence(random, 6).rstrip('.')} {number}",
        author=f"Author {number % 30}",
        categories=(SECTIONS[number % len(SECTIONS)],),
        published_at=_NOW - timedelta(hours=number % 160),
        first_seen_at=_NOW - timedelta(hours=number % 160),
        summary_html="",
        content_html=f"<p>{words}</p>",
        image_url=f"https://feed{number % 20}.example/{number}.jpg" if number % 3 else "",
        image_alt="A picture of it",
        feed_comment_count=COMMENTS,
        has_all_comments=True,
    )
    return Candidate(
        post=post, comments=tuple(_comment(number, place, random) for place in range(COMMENTS))
    )


def _comment(number: int, place: int, random: Random) -> Comment:
    return Comment(
        id=number * COMMENTS + place,
        parent_id=number * COMMENTS + place - 1 if place % 4 == 3 else None,
        author=f"Subscriber {random.randrange(4000)}",
        posted_at=_NOW - timedelta(minutes=place),
        text=" ".join(_sentence(random) for _ in range(random.randrange(1, 6))),
        kind=CommentKind.COMMENT,
        url="",
    )


def _sentence(random: Random, words: int = 12) -> str:
    return " ".join(random.choices(_WORDS, k=words)).capitalize() + "."


if __name__ == "__main__":
    print(json.dumps(_measure_here(int(sys.argv[1]))))
