"""How a choice of comments fares against the judged set."""

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
    """Of what is quoted, in all threads: the share that is such a comment."""

    #: Of the first quotes.
    at_1: float
    #: Of the first two.
    at_2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Over threads that have such a comment; silence counts as a miss."""

    threads: int
    #: Share of threads whose first quote is one.
    at_1: float
    #: Mean share of such ones among the first two that are quoted.
    at_2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What an editor would say of a choice."""

    threads: int
    quotes: int
    good: Hits
    good_or_ok: Hits
    precision: Precision
    #: Quoted, though they must never be printed.
    never: int
    #: Quoted, though there was no point in it.
    weak: int
    #: Threads with nothing worth quoting, and those of them where nothing was quoted.
    hopeless: int
    hopeless_silent: int
    #: Threads with a good comment where nothing was quoted.
    good_silent: int


def score(threads: Sequence[JudgedThread], choose: Choice) -> Scores:
    """Judge what `choose` quotes under each thread."""
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
    """How much of `words` is wanted; nothing of nothing."""
    return sum(word in wanted for word in words) / max(1, len(words))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return mean(listed) if listed else 0.0


# --- choices ------------------------------------------------------------------------------------


def as_the_product(thread: JudgedThread) -> tuple[Judgement, ...]:
    """Quote what the composer quotes."""
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
    """Give the comments that are no pingbacks, in their order."""
    return tuple(comment for comment in thread.comments if not is_pingback(comment))


def the_first(thread: JudgedThread) -> tuple[Judgement, ...]:
    """Quote who came first."""
    return tuple(thread.judgements[each.id] for each in by_people(thread)[:LIMIT])


def the_longest(thread: JudgedThread) -> tuple[Judgement, ...]:
    """Quote who wrote most."""
    longest = sorted(by_people(thread), key=lambda comment: -len(comment.text))
    return tuple(thread.judgements[each.id] for each in longest[:LIMIT])


def at_random(threads: Iterable[JudgedThread], wanted: Words) -> float:
    """What a choice at random hits on average, at one place as at two, as `Hits` count."""
    having = [thread for thread in threads if set(thread.judgements.values()) & wanted]
    return precision_at_random(having, wanted)


def precision_at_random(threads: Iterable[JudgedThread], wanted: Words = GOOD) -> float:
    """The share of such comments that a choice at random in every thread has on average."""
    return _mean(
        share([thread.judgements[each.id] for each in by_people(thread)], wanted)
        for thread in threads
    )
