"""Merges the comments of one post from several sources. Pure.

WordPress's comments have the same names in all sources, so each comment is stored once.
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

#: Comments in one page of the REST interface, if its address has no `per_page`.
_PER_PAGE = 10


def joined(pages: Sequence[ParsedComments], *, kind: SourceKind, url: str) -> ParsedComments:
    """Join the pages of one list, in their order, each comment once.

    Args:
        pages: the pages in order; the last one has a `next_url` if the list continues.
        kind: the kind of source.
        url: the address of the first page.
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
    """Return whether `listed` is complete: by its own statement, else by the count in the feed.

    An empty list does not count if the feed counts comments, because some sites close their
    interfaces this way.
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
    """Decide which stored comments change after one source was read.

    A comment belongs to the most trusted working source that lists it: a less trusted one neither
    changes nor deletes it. If a list is complete, its own stored comments that are missing from it
    are deleted; so are those of less trusted sources, except pingbacks, which not every source
    lists. Imported comments stay.

    A page's threads are kept for the comments of a feed, which often has none. A page's pingbacks
    without a number are left out if a better source lists pingbacks, which may be the same ones.
    """
    by_id = {comment.external_id: comment for comment in known}
    if any(each.kind is not CommentKind.COMMENT and _is_better(each, source) for each in known):
        listed = tuple(each for each in listed if not _is_nameless_notice(each))
    own = tuple(
        comment
        for comment in listed
        if comment.external_id not in by_id or _may_change(source, by_id[comment.external_id])
    )
    stored = {comment.external_id for comment in own}
    ids = {comment.external_id for comment in listed}
    gone = (each for each in known if each.external_id not in ids and _may_delete(source, each))
    return CommentChanges(
        own=own,
        gone=frozenset(each.external_id for each in gone) if is_complete else frozenset(),
        new=len(ids - by_id.keys()),
        threads=tuple(
            (each.external_id, each.parent_id)
            for each in listed
            if each.parent_id and each.external_id not in stored
        ),
    )


def _is_complete(pages: Sequence[ParsedComments], kind: SourceKind, url: str) -> bool | None:
    """Return whether the pages together are complete; None if unknown."""
    last = pages[-1]
    if last.next_url:
        return False
    if last.is_complete is None and kind is SourceKind.REST:
        # A full single page may have lost its link to the next one in a proxy.
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


def _is_better(known: KnownComment, source: CommentSource) -> bool:
    return known.source_id != source.id and not _may_change(source, known)


def _is_nameless_notice(comment: ParsedComment) -> bool:
    is_named = comment.external_id.startswith("comment-")
    return comment.kind is not CommentKind.COMMENT and not is_named


def _is_read_again(known: KnownComment) -> bool:
    return known.source_kind is not SourceKind.IMPORT


def _per_page(url: str) -> int:
    written = parse_qs(urlsplit(url).query).get("per_page", [""])[0]
    is_number = written.isascii() and written.isdecimal() and len(written) < 5
    return int(written) if is_number else _PER_PAGE


def is_whole(
    listed: tuple[ParsedComment, ...], known_ids: frozenset[str], *, count: int | None
) -> bool:
    """Return whether `listed` is the whole list of a post's comments.

    It is if the post's feed does not count more. That count may be older than the list, so a list
    that both gained and lost comments may show only the newest, and does not count as whole.

    Args:
        listed: the comments that the source gives now.
        known_ids: the `external_id`s seen there before.
        count: `slash:comments`, which includes pingbacks as `listed` does; None if unknown.
    """
    if count is None or len(listed) < count:
        return False
    ids = {comment.external_id for comment in listed}
    return ids <= known_ids or ids >= known_ids
