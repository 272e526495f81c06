"""The judged set: comment threads, each comment with an editor's judgement (data/judged)."""

from __future__ import annotations

import hashlib
import html
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from digest.models import Comment, CommentKind

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
    is_real: bool
    #: BCP 47.
    language: str
    title: str
    #: Empty if a real thread's page does not name it.
    author: str
    #: The first paragraph of an invented post; empty if a real one has none.
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


def invented_threads() -> tuple[JudgedThread, ...]:
    """Return the threads invented for the set."""
    return _threads_in(DATA / "invented")


def later_threads() -> tuple[JudgedThread, ...]:
    """Return the threads of the second set, invented to be hard."""
    return _threads_in(DATA / "later")


def _threads_in(folder: Path) -> tuple[JudgedThread, ...]:
    files = sorted(folder.glob("*.toml"))
    return tuple(_invented(table) for file in files for table in _tables(file))


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


def deal_halves(threads: Iterable[tuple[bool, str, str]]) -> dict[str, Half]:
    """Assign each thread to a half, by the rule in README.md.

    Args:
        threads: for each thread whether it is real, its language and its name.
    """

    def place(thread: tuple[bool, str, str]) -> tuple[bool, str, str]:
        is_real, language, name = thread
        return is_real, language, hashlib.sha256(name.encode()).hexdigest()

    halves = tuple(Half)
    return {name: halves[at % 2] for at, (*_, name) in enumerate(sorted(threads, key=place))}


def _tables(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))["threads"]
    return found


def _invented(table: dict[str, Any]) -> JudgedThread:
    return JudgedThread(
        name=table["name"],
        half=Half(table["half"]),
        is_real=False,
        language=table["language"],
        title=table["title"],
        author=table["author"],
        content_html=f"<p>{html.escape(table['text'])}</p>",
        comments=tuple(_comment(each) for each in table["comments"]),
        judgements={each["id"]: Judgement(each["judgement"]) for each in table["comments"]},
    )


def _comment(table: dict[str, Any]) -> Comment:
    return Comment(
        id=table["id"],
        parent_id=table.get("parent"),
        author=table["name"],
        posted_at=None,
        text=table["text"],
        kind=CommentKind(table.get("kind", "comment")),
        url="",
        votes=table.get("votes"),
    )
