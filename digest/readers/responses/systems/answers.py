"""Reads the answers of the open comment systems; each is recognised by the form of its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.errors import FeedError
from digest.models import CommentKind, Document, ParsedComment, ParsedComments
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import MAX_COMMENTS
from digest.text.html import clean_html, html_to_text, plain_line

#: Discourse's kind of a post that a person wrote; others tell that a topic was moved or closed.
_WRITTEN = 1
#: Isso's mode of a comment that is public; others wait or were deleted.
_PUBLIC = 1
#: Discourse's number of a "like".
_LIKE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One comment as its system gives it."""

    id: object
    #: None if it answers the post.
    parent: object
    author: object
    #: Seconds since 1970, or a date as text.
    posted: object
    html: object
    votes: object = None


def read_system(document: Document, now: datetime) -> ParsedComments:
    """Read the answer of Isso, Remark42, Commento or Discourse; held and deleted ones stay out.

    Args:
        document: JSON in UTF-8; the content type is ignored.
        now: the time; later dates are ignored.

    Raises:
        FeedError: the answer is not that of one of these systems.
    """
    answer = _loaded(document)
    for is_of, read in _READERS:
        if is_of(answer):
            found = list(read(answer))[:MAX_COMMENTS]
            listed = [each for each in (_parse(one, document.url, now) for one in found) if each]
            once = {comment.external_id: comment for comment in listed}
            return ParsedComments(
                comments=tuple(once.values()), is_complete=_is_whole(answer, len(found))
            )
    raise FeedError(document.url, "no comments: JSON of another form", transient=False)


def _loaded(document: Document) -> dict[str, Any]:
    try:
        answer = json.loads(document.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        reason = f"no comments: invalid JSON ({error})"
        raise FeedError(document.url, reason, transient=False) from error
    return answer if isinstance(answer, dict) else {}


def _parse(found: _Found, url: str, now: datetime) -> ParsedComment | None:
    text = html_to_text(clean_html(found.html if isinstance(found.html, str) else "", url))
    if not text or not isinstance(found.id, str | int):
        return None
    has_parent = isinstance(found.parent, str | int) and found.parent not in ("", 0, "root")
    return ParsedComment(
        external_id=str(found.id),
        parent_id=str(found.parent) if has_parent else "",
        author=plain_line(found.author) if isinstance(found.author, str) else "",
        posted_at=_date_of(found.posted, now),
        text=text,
        kind=CommentKind.COMMENT,
        votes=found.votes if isinstance(found.votes, int) else None,
    )


def _date_of(posted: object, now: datetime) -> datetime | None:
    if isinstance(posted, int | float) and not isinstance(posted, bool):
        try:
            posted = datetime.fromtimestamp(posted, UTC).isoformat()
        except (OverflowError, OSError, ValueError):
            return None
    return parse_date(posted, now=now) if isinstance(posted, str) else None


# --- Isso: GET /?uri=… (isso docs, "API", Get comments) -------------------------------------------


def _is_isso(answer: dict[str, Any]) -> bool:
    return isinstance(answer.get("replies"), list) and "total_replies" in answer


def _read_isso(answer: dict[str, Any]) -> Iterator[_Found]:
    waiting = [(each, None) for each in reversed(answer["replies"])]
    while waiting:
        each, parent = waiting.pop()
        if not isinstance(each, dict):
            continue
        if each.get("mode", _PUBLIC) == _PUBLIC:
            likes = (each.get("likes") or 0) - (each.get("dislikes") or 0)
            yield _Found(
                id=each.get("id"),
                parent=each.get("parent") or parent,
                author=each.get("author"),
                posted=each.get("created"),
                html=each.get("text"),
                votes=likes,
            )
        replies = each.get("replies")
        if isinstance(replies, list):
            waiting += [(reply, each.get("id")) for reply in reversed(replies)]


# --- Remark42: GET /api/v1/find (remark42 docs, "API") --------------------------------------------


def _is_remark42(answer: dict[str, Any]) -> bool:
    comments = answer.get("comments")
    is_list = isinstance(comments, list) or comments is None
    return is_list and isinstance(answer.get("info"), dict)


def _read_remark42(answer: dict[str, Any]) -> Iterator[_Found]:
    waiting = list(reversed(answer.get("comments") or []))
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict):
            continue
        # As a tree, each comment stands beside its replies.
        replies = each.get("replies")
        if isinstance(replies, list):
            waiting += reversed(replies)
        comment = each.get("comment", each)
        if isinstance(comment, dict) and not comment.get("delete"):
            user = comment.get("user")
            yield _Found(
                id=comment.get("id"),
                parent=comment.get("pid"),
                author=user.get("name") if isinstance(user, dict) else "",
                posted=comment.get("time"),
                html=comment.get("text"),
                votes=comment.get("score"),
            )


# --- Commento: POST /api/comment/list -------------------------------------------------------------


def _is_commento(answer: dict[str, Any]) -> bool:
    comments = answer.get("comments")
    return isinstance(answer.get("commenters"), dict) and isinstance(comments, list | None)


def _read_commento(answer: dict[str, Any]) -> Iterator[_Found]:
    people = answer["commenters"]
    for each in answer.get("comments") or []:
        is_public = isinstance(each, dict) and each.get("state", "approved") == "approved"
        if is_public and not each.get("deleted"):
            person = people.get(each.get("commenterHex"))
            yield _Found(
                id=each.get("commentHex"),
                parent=each.get("parentHex"),
                author=person.get("name") if isinstance(person, dict) else "",
                posted=each.get("creationDate"),
                html=each.get("html") or each.get("markdown"),
                votes=each.get("score"),
            )


# --- Discourse: GET /t/NUMBER.json ----------------------------------------------------------------


def _is_discourse(answer: dict[str, Any]) -> bool:
    stream = answer.get("post_stream")
    return isinstance(stream, dict) and isinstance(stream.get("posts"), list)


def _read_discourse(answer: dict[str, Any]) -> Iterator[_Found]:
    """Read the posts after the first, which is the article or a link to it."""
    for each in answer["post_stream"]["posts"]:
        if not isinstance(each, dict) or each.get("post_number") == 1:
            continue
        is_written = each.get("post_type", _WRITTEN) == _WRITTEN
        is_gone = each.get("hidden") or each.get("deleted_at") or each.get("user_deleted")
        if is_written and not is_gone:
            parent = each.get("reply_to_post_number")
            yield _Found(
                id=each.get("post_number"),
                parent=parent if parent != 1 else None,
                author=each.get("name") or each.get("username"),
                posted=each.get("created_at"),
                html=each.get("cooked"),
                votes=_likes_of(each),
            )


def _likes_of(post: dict[str, Any]) -> int | None:
    counts = post.get("actions_summary")
    for each in counts if isinstance(counts, list) else ():
        if isinstance(each, dict) and each.get("id") == _LIKE:
            return each.get("count")
    return None


def _is_whole(answer: dict[str, Any], read: int) -> bool | None:
    """Whether the answer has every comment: a long topic of Discourse comes in parts."""
    if not _is_discourse(answer):
        return read < MAX_COMMENTS
    stream = answer["post_stream"].get("stream")
    posts = answer["post_stream"]["posts"]
    return isinstance(stream, list) and len(posts) >= len(stream)


_READERS: tuple[
    tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Iterator[_Found]]], ...
] = (
    (_is_discourse, _read_discourse),
    (_is_isso, _read_isso),
    (_is_commento, _read_commento),
    (_is_remark42, _read_remark42),
)
