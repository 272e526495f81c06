"""How many responses a post has, as printed: pingbacks and trackbacks are none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.models import Comment, CommentKind, Post

_BEGINNINGS = {"pingback:": CommentKind.PINGBACK, "trackback:": CommentKind.TRACKBACK}

#: A machine quotes the place where the link stands: `[…] as they write […]`.
_CUT_BOTH_ENDS = re.compile(r"\[(?:…|\.{3})\].*\[(?:…|\.{3})\]", re.DOTALL)


def kind_of(comment: Comment) -> CommentKind:
    """What a comment is: as its source says, or as its name or text looks."""
    if _CUT_BOTH_ENDS.fullmatch(comment.text.strip()):
        return CommentKind.PINGBACK
    for text in (comment.author, comment.text):
        for beginning, kind in _BEGINNINGS.items():
            if text.lstrip().lower().startswith(beginning):
                return kind
    return comment.kind


def is_pingback(comment: Comment) -> bool:
    """Whether another site's machine wrote it."""
    return kind_of(comment) is not CommentKind.COMMENT


def comment_count(post: Post, comments: Iterable[Comment]) -> int:
    """Count the responses to a post.

    The full list is counted where it is known. A feed's own figure (`slash:comments`) counts
    pingbacks too: those that were seen are taken off it. Held comments are not on the page, and
    so not in the count.
    """
    shown = [comment for comment in comments if not comment.is_held]
    pingbacks = sum(map(is_pingback, shown))
    responses = len(shown) - pingbacks
    if post.has_all_comments or post.feed_comment_count is None:
        return responses
    return max(0, post.feed_comment_count - pingbacks)
