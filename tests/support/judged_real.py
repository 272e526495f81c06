"""The real threads of the judged set, read from the corpus by `digest.readers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from digest.errors import FeedError
from digest.models import Comment, Document, ExportedThread, ParsedComment
from digest.readers.pages.page import read_page
from digest.readers.responses.comments import read_comments
from digest.readers.responses.exports import read_export
from tests.support.judged import JudgedThread, Judgement, RealEntry, real_entries

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://base.invalid/post"


class _Post(NamedTuple):
    title: str
    content_html: str
    comments: tuple[ParsedComment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealReading:
    """One real thread as it was read."""

    #: The thread with the comments that were both read and judged.
    thread: JudgedThread
    #: Comments that were judged, but not returned by the reader.
    missing: tuple[str, ...]
    #: Comments that were returned by the reader, but never judged.
    unjudged: tuple[str, ...]


def real_threads(corpus: Path) -> tuple[JudgedThread, ...]:
    """Return the real threads; none without the corpus."""
    if not corpus.is_dir():
        return ()
    read = (read_real(entry, corpus).thread for entry in real_entries())
    return tuple(thread for thread in read if thread.comments)


def read_real(entry: RealEntry, corpus: Path) -> RealReading:
    """Read one real thread; a file that the readers refuse has no comments."""
    post = _read(entry, corpus / entry.file)
    named = {name: each for each in post.comments if (name := _name_of(each, entry.judgements))}
    ids = {name: number for number, name in enumerate(named, 1)}
    read = {each.external_id for each in named.values()}
    return RealReading(
        thread=JudgedThread(
            name=entry.name,
            half=entry.half,
            language=entry.language,
            title=post.title or entry.post,
            author="",
            content_html=post.content_html,
            comments=_stored(named, ids),
            judgements={ids[name]: entry.judgements[name] for name in named},
            site=entry.file,
        ),
        missing=tuple(name for name in entry.judgements if name not in named),
        unjudged=tuple(each.external_id for each in post.comments if each.external_id not in read),
    )


def _read(entry: RealEntry, file: Path) -> _Post:
    if file.suffix == ".html":
        page = read_page(Document(body=file.read_bytes(), url=URL, content_type="text/html"), NOW)
        return _Post(page.title, page.content_html, page.comments.comments)
    if entry.file.startswith("feeds/"):
        return _Post("", "", _from_feed(entry, file))
    return _exported(entry, file)


def _from_feed(entry: RealEntry, file: Path) -> tuple[ParsedComment, ...]:
    found = read_comments(Document(body=file.read_bytes(), url=URL), NOW)
    return tuple(each for each in found.comments if each.url.startswith(f"{entry.link}#"))


def _exported(entry: RealEntry, file: Path) -> _Post:
    try:
        threads: tuple[ExportedThread, ...] = read_export(file.read_bytes(), file.name, NOW)
    except FeedError:
        threads = ()
    found = [each for each in threads if entry.link in (each.post_url, each.post_guid)]
    comments = tuple(comment for each in found for comment in each.comments)
    return _Post(found[0].post_title if found else "", "", comments)


def _name_of(comment: ParsedComment, judgements: Mapping[str, Judgement]) -> str:
    """Return the name under which a comment was judged, without its source's decoration."""
    given = comment.external_id
    names = (given, given.rpartition("#")[2], f"comment-{given}", given.rpartition(":")[2])
    return next((name for name in names if name in judgements), "")


def _stored(named: dict[str, ParsedComment], ids: dict[str, int]) -> tuple[Comment, ...]:
    numbers = {each.external_id: ids[name] for name, each in named.items()}
    return tuple(
        Comment(
            id=ids[name],
            parent_id=numbers.get(each.parent_id),
            author=each.author,
            posted_at=each.posted_at,
            text=each.text,
            kind=each.kind,
            url=each.url,
            votes=each.votes,
        )
        for name, each in named.items()
    )
