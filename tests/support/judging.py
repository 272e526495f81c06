"""Measures of a choice of comments against the judged set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from digest.composer.counts import is_pingback
from digest.composer.excerpts.prose import read_text
from digest.composer.quotes.top_comments import pick_comments
from digest.composer.rules import Policy
from digest.models import Comment
from tests.support.composing import a_post
from tests.support.judged import JudgedThread, Judgement

#: Quotes under a post, as newsletters show by default.
LIMIT = 2

GOOD = frozenset({Judgement.GOOD})
PRINTABLE = frozenset({Judgement.GOOD, Judgement.OK})

Words = frozenset[Judgement]
#: The judgements of what is quoted under a thread, best first.
Choice = Callable[[JudgedThread], tuple[Judgement, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """The share of such comments among all quotes."""

    #: Of the first quotes.
    at_1: float
    #: Of the first two.
    at_2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Hits in threads that have such a comment; no quote counts as a miss."""

    threads: int
    #: Share of threads whose first quote is one.
    at_1: float
    #: Mean share of such ones among the first two that are quoted.
    at_2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """An editor's judgement of a choice."""

    threads: int
    quotes: int
    good: Hits
    good_or_ok: Hits
    precision: Precision
    #: Quoted, though they must never be printed.
    never: int
    #: Quoted, though pointless.
    weak: int
    #: The number of threads with nothing worth quoting, and of those without a quote.
    hopeless: int
    hopeless_silent: int
    #: The number of threads with a good comment but without a quote.
    good_silent: int


def score(threads: Sequence[JudgedThread], choose: Choice) -> Scores:
    """Judge the quotes that `choose` picks for each thread."""
    chosen = [(set(thread.judgements.values()), choose(thread)) for thread in threads]
    quoted = [word for _, words in chosen for word in words]
    hopeless = [words for has, words in chosen if not has & PRINTABLE]
    return Scores(
        threads=len(threads),
        quotes=len(quoted),
        good=_hits(chosen, GOOD),
        good_or_ok=_hits(chosen, PRINTABLE),
        precision=Precision(
            at_1=share([words[0] for _, words in chosen if words], GOOD),
            at_2=share(quoted, GOOD),
        ),
        never=quoted.count(Judgement.NEVER),
        weak=quoted.count(Judgement.WEAK),
        hopeless=len(hopeless),
        hopeless_silent=sum(not words for words in hopeless),
        good_silent=sum(not words for has, words in chosen if has & GOOD),
    )


def _hits(chosen: Iterable[tuple[set[Judgement], tuple[Judgement, ...]]], wanted: Words) -> Hits:
    having = [words for has, words in chosen if has & wanted]
    return Hits(
        threads=len(having),
        at_1=_mean(share(words[:1], wanted) for words in having),
        at_2=_mean(share(words[:2], wanted) for words in having),
    )


def share(words: Sequence[Judgement], wanted: Words) -> float:
    """Return the wanted share of `words`; 0 if it is empty."""
    return sum(word in wanted for word in words) / max(1, len(words))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return mean(listed) if listed else 0.0


# --- choices ------------------------------------------------------------------------------------


def as_the_product(thread: JudgedThread) -> tuple[Judgement, ...]:
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
    return tuple(thread.judgements[quote.comment_id] for quote in picks.quotes)


def by_people(thread: JudgedThread) -> tuple[Comment, ...]:
    """Return the comments that are not pingbacks, in their order."""
    return tuple(comment for comment in thread.comments if not is_pingback(comment))


def the_first(thread: JudgedThread) -> tuple[Judgement, ...]:
    """Choose the first comments."""
    return tuple(thread.judgements[each.id] for each in by_people(thread)[:LIMIT])


def the_longest(thread: JudgedThread) -> tuple[Judgement, ...]:
    """Choose the longest comments."""
    longest = sorted(by_people(thread), key=lambda comment: -len(comment.text))
    return tuple(thread.judgements[each.id] for each in longest[:LIMIT])


def at_random(threads: Iterable[JudgedThread], wanted: Words) -> float:
    """Return the average `Hits` of a random choice; the same for one place and for two."""
    having = [thread for thread in threads if set(thread.judgements.values()) & wanted]
    return precision_at_random(having, wanted)


def precision_at_random(threads: Iterable[JudgedThread], wanted: Words = GOOD) -> float:
    """Return the average share of such comments in a random choice of every thread."""
    return _mean(
        share([thread.judgements[each.id] for each in by_people(thread)], wanted)
        for thread in threads
    )
