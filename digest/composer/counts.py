"""Counts the responses to a post, without pingbacks and trackbacks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.models import Comment, CommentKind, Post

#: How themes and services begin them, in English and French.
_BEGINNINGS = {
    "pingback:": CommentKind.PINGBACK,
    "pingback from": CommentKind.PINGBACK,
    "ping :": CommentKind.PINGBACK,
    "ping\xa0:": CommentKind.PINGBACK,
    "ping: ": CommentKind.PINGBACK,
    "tweets that mention ": CommentKind.TRACKBACK,
    "this post was mentioned on twitter": CommentKind.TRACKBACK,
    "trackback:": CommentKind.TRACKBACK,
    "trackback from": CommentKind.TRACKBACK,
    "rétrolien": CommentKind.TRACKBACK,
}

#: A machine quotes the text around the link: `[…] as they write […]`.
_CUT_BOTH_ENDS = re.compile(r"\[(?:…|\.{3})\].*\[(?:…|\.{3})\]", re.DOTALL)
_CUT_AT_ONE_END = re.compile(r"\[(?:…|\.{3})\].*|.*\[(?:…|\.{3})\]", re.DOTALL)
#: Marks that occur in the title of a page and not in a name.
_OF_A_TITLE = re.compile(r"[|»«]| [-–—] ")


def kind_of(comment: Comment) -> CommentKind:
    """Return the kind of a comment, from its author name, its text or its source."""
    text = comment.text.strip()
    if _CUT_BOTH_ENDS.fullmatch(text):
        return CommentKind.PINGBACK
    if _OF_A_TITLE.search(comment.author) and _CUT_AT_ONE_END.fullmatch(text):
        return CommentKind.PINGBACK
    for text in (comment.author, comment.text):
        for beginning, kind in _BEGINNINGS.items():
            if text.lstrip().lower().startswith(beginning):
                return kind
    return comment.kind


def is_pingback(comment: Comment) -> bool:
    """Whether another site's software wrote the comment."""
    return kind_of(comment) is not CommentKind.COMMENT


def is_count_known(post: Post, count: int) -> bool:
    """Whether the count is reliable: 0 is known only if some source reported it."""
    return count > 0 or post.has_all_comments or post.feed_comment_count is not None


def comment_count(post: Post, comments: Iterable[Comment]) -> int:
    """Count the responses to a post.

    If all comments are known, they are counted. A feed's own figure (`slash:comments`) includes
    pingbacks, so the known ones are subtracted. Held comments are not on the page and not
    counted.
    """
    shown = [comment for comment in comments if not comment.is_held]
    pingbacks = sum(map(is_pingback, shown))
    responses = len(shown) - pingbacks
    if post.has_all_comments or post.feed_comment_count is None:
        return responses
    return max(0, post.feed_comment_count - pingbacks)
