"""How many responses a post has, as printed: pingbacks and trackbacks are none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.models import Comment, CommentKind, Post

#: As themes and services write it, in English and in French.
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

#: A machine quotes the place where the link stands: `[…] as they write […]`.
_CUT_BOTH_ENDS = re.compile(r"\[(?:…|\.{3})\].*\[(?:…|\.{3})\]", re.DOTALL)
_CUT_AT_ONE_END = re.compile(r"\[(?:…|\.{3})\].*|.*\[(?:…|\.{3})\]", re.DOTALL)
#: Marks that stand in the title of a page and not in a name.
_OF_A_TITLE = re.compile(r"[|»«]| [-–—] ")


def kind_of(comment: Comment) -> CommentKind:
    """What a comment is: as its source says, or as its name or text looks."""
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
    """Whether another site's machine wrote it."""
    return kind_of(comment) is not CommentKind.COMMENT


def is_count_known(post: Post, count: int) -> bool:
    """Whether a count of none says that nobody responded: some source must have told."""
    return count > 0 or post.has_all_comments or post.feed_comment_count is not None


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
