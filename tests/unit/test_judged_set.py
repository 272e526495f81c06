"""The judged set is complete and fair."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from digest.models import CommentKind
from tests.support.judged import (
    DATA,
    Half,
    JudgedThread,
    Judgement,
    RealEntry,
    deal_halves,
    invented_threads,
    later_threads,
    real_entries,
)

INVENTED = invented_threads()
LATER = later_threads()
REAL = real_entries()
THREADS: tuple[JudgedThread | RealEntry, ...] = (*INVENTED, *REAL)

#: An entry of a real thread has only these fields, and no text.
_REAL_KEYS = {"name", "half", "language", "file", "post", "link", "judgements"}


def words_of(thread: JudgedThread | RealEntry) -> set[Judgement]:
    return set(thread.judgements.values())


def test_there_are_enough_threads_of_each_kind() -> None:
    assert len(THREADS) >= 60
    assert len(REAL) >= 20
    assert sum(thread.language == "de" for thread in INVENTED) >= 12


def test_names_are_unique_and_mark_invented_threads() -> None:
    assert max(Counter(thread.name for thread in THREADS).values()) == 1
    assert all(thread.name.startswith("invented/") for thread in INVENTED)
    assert all(entry.name.startswith("real/") for entry in REAL)


@pytest.mark.parametrize("thread", [*INVENTED, *LATER], ids=lambda thread: thread.name)
def test_every_comment_is_judged_once_and_answers_one_before_it(thread: JudgedThread) -> None:
    ids = [comment.id for comment in thread.comments]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(thread.judgements)
    assert all(
        comment.parent_id is None or comment.parent_id in ids[:at]
        for at, comment in enumerate(thread.comments)
    )


@pytest.mark.parametrize("thread", [*INVENTED, *LATER], ids=lambda thread: thread.name)
def test_an_invented_thread_is_a_post_with_a_paragraph_and_comments(thread: JudgedThread) -> None:
    assert thread.title
    assert thread.author
    assert 60 <= len(thread.content_html.split()) <= 120
    assert 4 <= len(thread.comments) <= 14
    assert all(comment.author and comment.text for comment in thread.comments)


def test_every_judgement_of_an_invented_comment_has_a_reason() -> None:
    files = [*(DATA / "invented").glob("*.toml"), *(DATA / "later").glob("*.toml")]
    threads = [each for file in files for each in tomllib.loads(file.read_text())["threads"]]
    assert all(comment["reason"] for thread in threads for comment in thread["comments"])


def test_only_names_of_real_threads_are_stored() -> None:
    tables = tomllib.loads((DATA / "real.toml").read_text())["threads"]
    assert all(set(table) <= _REAL_KEYS for table in tables)
    assert all(len(table["post"].split()) <= 4 for table in tables)


def test_a_real_post_is_judged_once_and_has_two_comments_at_least() -> None:
    assert max(Counter((entry.file, entry.link) for entry in REAL).values()) == 1
    assert all(len(entry.judgements) >= 2 for entry in REAL)


def test_halves_are_assigned_by_the_rule_alone() -> None:
    rule = deal_halves(
        (isinstance(thread, RealEntry), thread.language, thread.name) for thread in THREADS
    )
    later = deal_halves((False, thread.language, thread.name) for thread in LATER)
    assert {thread.name: thread.half for thread in (*THREADS, *LATER)} == rule | later


def test_halves_are_alike_in_kind_and_language() -> None:
    counts = Counter(
        (isinstance(thread, RealEntry), thread.language, thread.half) for thread in THREADS
    )
    for is_real, language, _ in counts:
        halves = [counts[is_real, language, half] for half in Half]
        assert max(halves) - min(halves) <= 1


def test_in_some_threads_of_either_half_nothing_is_worth_quoting() -> None:
    hopeless = Counter(
        thread.half for thread in THREADS if not words_of(thread) & {Judgement.GOOD, Judgement.OK}
    )
    assert hopeless.total() >= 8
    assert all(hopeless[half] >= 4 for half in Half)


def test_few_comments_are_good() -> None:
    words = Counter(
        word
        for thread in THREADS
        if Judgement.GOOD in words_of(thread)
        for word in thread.judgements.values()
    )
    assert 0.15 <= words[Judgement.GOOD] / words.total() <= 0.25


def test_pingbacks_are_never_printed() -> None:
    kinds = [
        (comment.kind, thread.judgements[comment.id])
        for thread in INVENTED
        for comment in thread.comments
    ]
    pingbacks = [word for kind, word in kinds if kind is not CommentKind.COMMENT]
    assert len(pingbacks) >= 3
    assert set(pingbacks) == {Judgement.NEVER}


def test_the_most_voted_comment_is_sometimes_the_best_but_mostly_not() -> None:
    best = Counter(
        thread.judgements[max(thread.comments, key=lambda comment: comment.votes or 0).id]
        for thread in INVENTED
        if any(comment.votes for comment in thread.comments)
    )
    assert best[Judgement.GOOD] >= 1
    assert best[Judgement.WEAK] + best[Judgement.NEVER] > best[Judgement.GOOD]
