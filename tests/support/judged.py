"""The judged set: comment threads, each comment with an editor's judgement (data/judged)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from digest.models import Comment

DATA = Path(__file__).parents[1] / "data" / "judged"


class Judgement(StrEnum):
    """An editor's judgement of a comment; README.md of the set has the rubric."""

    GOOD = "good"
    OK = "ok"
    WEAK = "weak"
    NEVER = "never"


class Half(StrEnum):
    """The purpose that a thread may be used for."""

    TUNE = "tune"
    #: Not looked at until the ranking is finished.
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedThread:
    """One post with its comments, judged."""

    name: str
    half: Half
    #: BCP 47.
    language: str
    title: str
    #: Empty if a real thread's page does not name it.
    author: str
    #: Empty if it is not known.
    content_html: str
    comments: tuple[Comment, ...]
    #: By the id of a comment; every one of `comments` is there.
    judgements: Mapping[int, Judgement]
    #: The site that the thread is from; empty if unknown.
    site: str = ""
    #: Why a comment must never be printed, by its id, where that is known.
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealEntry:
    """The judgements of one real thread; its texts are only in the corpus."""

    name: str
    half: Half
    language: str
    #: Below the corpus.
    file: str
    #: How the title of the post begins.
    post: str
    #: The post's address, in files with many posts; else empty.
    link: str
    #: By the comment's name in its source.
    judgements: Mapping[str, Judgement]


def real_entries() -> tuple[RealEntry, ...]:
    """Return the judgements of the corpus."""
    return tuple(
        RealEntry(
            name=table["name"],
            half=Half(table["half"]),
            language=table["language"],
            file=table["file"],
            post=table["post"],
            link=table.get("link", ""),
            judgements={name: Judgement(word) for name, word in table["judgements"].items()},
        )
        for table in _tables(DATA / "real.toml")
    )


def _tables(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))["threads"]
    return found
