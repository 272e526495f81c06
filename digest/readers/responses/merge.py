"""What several sources say of one post's comments, put together. Pure.

WordPress's comments bear the same names in all of its sources, so a comment is stored once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import parse_qs, urlsplit

from digest.models import (
    GIVEN_UP,
    CommentChanges,
    CommentKind,
    CommentSource,
    KnownComment,
    ParsedComment,
    ParsedComments,
    SourceKind,
)
from digest.readers.responses.ladder import TRUST

#: Comments of one document of the REST interface, where its address does not say.
_PER_PAGE = 10


def joined(pages: Sequence[ParsedComments], *, kind: SourceKind, url: str) -> ParsedComments:
    """Put the documents of one list together, in their order, each comment once.

    Args:
        pages: from the first on; the last one's `next_url` says that the list goes on.
        kind: where they come from.
        url: of the first.
    """
    found: dict[str, ParsedComment] = {}
    for page in pages:
        for comment in page.comments:
            found.setdefault(comment.external_id, comment)
    return ParsedComments(
        comments=tuple(found.values()),
        is_complete=_is_complete(pages, kind, url),
        next_url=pages[-1].next_url,
    )


def is_believed_whole(
    source: CommentSource, listed: ParsedComments, known: Collection[KnownComment]
) -> bool:
    """Whether `listed` is all there is: as it says itself, else by what the post's feed counts.

    An empty list is not believed where the feed counts some: sites close their interfaces so.
    """
    if listed.is_complete is None:
        ids = frozenset(each.external_id for each in known if _is_read_again(each))
        return is_whole(listed.comments, ids, count=source.count)
    return listed.is_complete and (bool(listed.comments) or not source.count)


def changes_of(
    source: CommentSource,
    listed: Sequence[ParsedComment],
    known: Collection[KnownComment],
    *,
    is_complete: bool,
) -> CommentChanges:
    """Decide what a reading of one source changes.

    A comment belongs to the most trusted source that gave it and still answers: a lesser one
    changes and deletes nothing of it. Where a list is complete, what it leaves out of its own is
    gone; so is what lesser sources gave, without pingbacks, which not every source lists. What
    came from a file stays.
    """
    by_id = {comment.external_id: comment for comment in known}
    own = tuple(
        comment
        for comment in listed
        if comment.external_id not in by_id or _may_change(source, by_id[comment.external_id])
    )
    ids = {comment.external_id for comment in listed}
    gone = (each for each in known if each.external_id not in ids and _may_delete(source, each))
    return CommentChanges(
        own=own,
        gone=frozenset(each.external_id for each in gone) if is_complete else frozenset(),
        new=len(ids - by_id.keys()),
    )


def _is_complete(pages: Sequence[ParsedComments], kind: SourceKind, url: str) -> bool | None:
    """Say what the documents say of themselves together; None where they do not."""
    last = pages[-1]
    if last.next_url:
        return False
    if last.is_complete is None and kind is SourceKind.REST:
        # A last document that is full and the only one may have lost its links on the way.
        is_short = len(last.comments) < _per_page(url)
        return True if is_short or len(pages) > 1 else None
    return last.is_complete


def _may_change(source: CommentSource, known: KnownComment) -> bool:
    if known.source_id == source.id or known.source_failures >= GIVEN_UP:
        return True
    return TRUST[source.kind] >= TRUST[known.source_kind]


def _may_delete(source: CommentSource, known: KnownComment) -> bool:
    if known.source_id == source.id:
        return True
    is_listed = _is_read_again(known) and known.kind is CommentKind.COMMENT
    return source.kind is not SourceKind.IMPORT and is_listed and _may_change(source, known)


def _is_read_again(known: KnownComment) -> bool:
    return known.source_kind is not SourceKind.IMPORT


def _per_page(url: str) -> int:
    written = parse_qs(urlsplit(url).query).get("per_page", [""])[0]
    is_number = written.isascii() and written.isdecimal() and len(written) < 5
    return int(written) if is_number else _PER_PAGE


def is_whole(
    listed: tuple[ParsedComment, ...], known_ids: frozenset[str], *, count: int | None
) -> bool:
    """Whether `listed` is the whole list of a post's comments.

    It is where the post's feed counts no more. That count may be older than the list, so a list
    that both gained and lost comments has perhaps moved on, and is not believed.

    Args:
        listed: as the source gives them now.
        known_ids: `external_id`s seen there before.
        count: `slash:comments`, pingbacks counted in like in `listed`; None where unknown.
    """
    if count is None or len(listed) < count:
        return False
    ids = {comment.external_id for comment in listed}
    return ids <= known_ids or ids >= known_ids
