"""The judgements of the corpus are complete, and hold no text of others."""

from __future__ import annotations

import tomllib
from collections import Counter

from tests.support.judged import DATA, Judgement, real_entries

REAL = real_entries()

#: An entry of a real thread has only these fields, and no text.
_KEYS = {"name", "half", "language", "file", "post", "link", "judgements"}


def test_there_are_enough_threads() -> None:
    assert len(REAL) >= 20
    assert {"en", "de"} <= {entry.language for entry in REAL}


def test_names_are_unique() -> None:
    assert max(Counter(entry.name for entry in REAL).values()) == 1


def test_only_names_of_real_threads_are_stored() -> None:
    tables = tomllib.loads((DATA / "real.toml").read_text("utf-8"))["threads"]
    assert all(set(table) <= _KEYS for table in tables)
    assert all(len(table["post"].split()) <= 4 for table in tables)


def test_a_real_post_is_judged_once_and_has_two_comments_at_least() -> None:
    assert max(Counter((entry.file, entry.link) for entry in REAL).values()) == 1
    assert all(len(entry.judgements) >= 2 for entry in REAL)


def test_in_some_threads_no_comment_is_worth_quoting() -> None:
    fit = {Judgement.GOOD, Judgement.OK}
    assert sum(not {*entry.judgements.values()} & fit for entry in REAL) >= 5
