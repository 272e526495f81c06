"""Measures of a choice of comments on judged threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from digest.composer.counts import is_pingback
from digest.composer.excerpts.prose import read_text
from digest.composer.quotes.top_comments import pick_comments
from digest.composer.rules import Policy
from digest.models import Comment
from tests.support.composing import a_post
from tests.support.judged import JudgedThread, Judgement

#: Quotes under a post, as newsletters show by default.
LIMIT = 2
#: Codes of reasons that refuse nothing: others were better, or there was no place.
RANKED = frozenset({"says-little", "same-name", "near-duplicate", "no-place"})
PRINTABLE = frozenset({Judgement.GOOD, Judgement.OK})
MEASURES = ("good@1", "good-or-ok@1", "places filled", "never", "silent", "innocent refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a choice made of a thread."""

    #: Ids, best first.
    quoted: tuple[int, ...]
    #: Ids of the comments that the gate refused.
    refused: frozenset[int] = frozenset()


Choice = Callable[[JudgedThread], Chosen]
#: For each measure the hits and the number of cases.
Tally = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its 95 % interval, threads drawn again with replacement."""

    hits: int
    cases: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share; 0 without cases."""
        return self.hits / self.cases if self.cases else 0.0


def tally(thread: JudgedThread, chosen: Chosen) -> Tally:
    """Return the counts of one thread."""
    labels = thread.judgements
    words = [labels[each] for each in chosen.quoted]
    good = sum(word is Judgement.GOOD for word in labels.values())
    innocent = [key for key, word in labels.items() if word in PRINTABLE]
    hits = sum(word is Judgement.GOOD for word in words)
    return {
        "good@1": (words[:1] == [Judgement.GOOD], 1) if good else (0, 0),
        "good-or-ok@1": (bool(words) and words[0] in PRINTABLE, 1) if innocent else (0, 0),
        "places filled": (hits, min(LIMIT, good)) if good else (0, 0),
        "never": (words.count(Judgement.NEVER), len(words)),
        "silent": (0, 0) if innocent else (not words, 1),
        "innocent refused": (sum(key in chosen.refused for key in innocent), len(innocent)),
    }


def tallies(threads: Sequence[JudgedThread], choose: Choice) -> list[Tally]:
    """Return the counts of every thread."""
    return [tally(thread, choose(thread)) for thread in threads]


def rate(counts: Sequence[Tally], measure: str, rounds: int = 1000) -> Rate:
    """Return one measure over all threads with its interval."""
    drawing, shares = random.Random(1), []  # no secret
    cells = [each[measure] for each in counts]
    for _ in range(rounds):
        drawn = drawing.choices(cells, k=len(cells)) if cells else []
        shares.append(_share(drawn))
    shares.sort()
    low, high = shares[int(rounds * 0.025)], shares[int(rounds * 0.975)]
    hits, cases = (sum(column) for column in zip(*cells, strict=True)) if cells else (0, 0)
    return Rate(hits=hits, cases=cases, low=low, high=high)


def _share(cells: Sequence[tuple[int, int]]) -> float:
    cases = sum(number for _, number in cells)
    return sum(hits for hits, _ in cells) / cases if cases else 0.0


# --- choices ------------------------------------------------------------------------------------


def as_the_product(thread: JudgedThread) -> Chosen:
    """Choose the quotes of the composer."""
    post = a_post(title=thread.title, author=thread.author, content_html=thread.content_html)
    picks = pick_comments(
        post,
        read_text(thread.content_html),
        thread.comments,
        policy=Policy(),
        limit=LIMIT,
        language=thread.language,
    )
    return Chosen(
        quoted=tuple(quote.comment_id for quote in picks.quotes),
        refused=frozenset(
            each.comment_id for each in picks.not_quoted if each.reason.code not in RANKED
        ),
    )


def by_people(thread: JudgedThread) -> tuple[Comment, ...]:
    """Return the comments that are not pingbacks, in their order."""
    return tuple(comment for comment in thread.comments if not is_pingback(comment))


def the_first(thread: JudgedThread) -> Chosen:
    """Choose the first comments."""
    return _chosen(by_people(thread))


def the_longest(thread: JudgedThread) -> Chosen:
    """Choose the longest comments."""
    return _chosen(sorted(by_people(thread), key=lambda comment: -len(comment.text)))


def the_trivial(thread: JudgedThread) -> Chosen:
    """Choose the longest comments without a link, of at least 40 characters."""
    fit = [c for c in by_people(thread) if "http" not in c.text and len(c.text) >= 40]
    chosen = _chosen(sorted(fit, key=lambda comment: -min(280, len(comment.text))))
    return Chosen(
        quoted=chosen.quoted,
        refused=frozenset(each.id for each in thread.comments if each not in fit),
    )


def _chosen(comments: Sequence[Comment]) -> Chosen:
    return Chosen(quoted=tuple(comment.id for comment in comments[:LIMIT]))
