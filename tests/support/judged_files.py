"""The judged threads of a folder beside the project, as JSON lines, in the form of the set here."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from digest.models import Comment, CommentKind
from tests.support.judged import Half, JudgedThread, Judgement


def read_threads(file: Path) -> tuple[JudgedThread, ...]:
    """Return the threads of a file of JSON lines; none if there is no such file."""
    if not file.is_file():
        return ()
    rows = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return tuple(_thread(row) for row in rows)


def _thread(row: Mapping[str, Any]) -> JudgedThread:
    numbers = {str(each["id"]): number for number, each in enumerate(row["comments"], 1)}
    names = {str(each["id"]): each["author"] or "" for each in row["comments"]}
    author = next(
        (names[str(key)] for key in row.get("post_author") or () if str(key) in names), ""
    )
    return JudgedThread(
        name=row["case_id"],
        half=Half.TUNE,
        language=row["language"],
        title=row["title"] or "",
        author=author,
        content_html="".join(_paragraphs(row.get("post") or "", row["title"] or "")),
        comments=tuple(_comment(each, numbers) for each in row["comments"]),
        judgements={numbers[str(e["id"])]: Judgement(e["label"]) for e in row["comments"]},
        site=(row.get("source") or {}).get("repo", row["case_id"]),
        reasons={numbers[key]: why for key, why in (row.get("why") or {}).items()},
    )


def _paragraphs(text: str, title: str) -> Iterator[str]:
    """Yield the paragraphs of a post without its title, which is a field of its own."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and lines[0].strip() == title.strip():
        lines = lines[1:]
    yield from (f"<p>{html.escape(line)}</p>" for line in lines)


def _comment(row: Mapping[str, Any], numbers: Mapping[str, int]) -> Comment:
    return Comment(
        id=numbers[str(row["id"])],
        parent_id=numbers.get(str(row.get("parent"))),
        author=row["author"] or "",
        posted_at=None,
        text=row["text"].replace("\n", "\n\n"),
        kind=CommentKind.COMMENT,
        url="",
    )
