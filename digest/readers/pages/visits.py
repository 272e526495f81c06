"""Decides whether a post's page is fetched, and whether its text is used. Pure."""

from __future__ import annotations

import re

from digest.models import FeedSource, UnvisitedPost
from digest.text.html import bare_words

#: A text with fewer characters is a beginning, or a post that is cheap to read again.
_STUB_CHARS = 900
#: A text up to this length that ends like an excerpt is a beginning.
_CUT_CHARS = 4000
#: A page has clearly more text if it exceeds the feed's by these characters and this ratio.
_MORE_CHARS = 200
_MORE_RATIO = 1.25
#: Characters of the feed's beginning that the page must contain.
_BEGINNING = 40
_MIN_BEGINNING = 20
#: Share of the longer words of title and summary that the right article contains.
_SHARED = 0.6
_LONG_WORD = 5
#: Characters of a page's article; a longer one is not stored.
MAX_CHARS = 400_000

# WordPress's mark of a cut text, before its line "The post … appeared first on …".
_IS_CUT = re.compile(r"\[\s?(?:…|\.{3})\s?\]")
_ENDS_CUT = re.compile(
    r"(?:…|\.\.\.|\b(?:read (?:more|on|the)|continue reading)\b.{0,30}"
    r"|weiterlesen|lire la suite|leer más|continua a leggere|lees verder)\W{0,3}\Z",
    re.IGNORECASE,
)
#: The last characters in which these marks are searched.
_CUT_WITHIN = 300
_END_CHARS = 60
_WORD = re.compile(r"\w+")


def needs_page(post: UnvisitedPost, source: FeedSource) -> bool:
    """Return whether to read a post's own page because its feed leaves something out.

    The comments, if the feed names no comment feed or there is more than one comment: a comment
    feed shows only the newest ten, without their threads. The picture, if mails show any. The
    text, if the feed carries only the beginning.
    """
    if not post.url:
        return False
    return (
        (source.has_comments and _needs_comments(post))
        or (source.has_images and not post.has_image)
        or needs_article(post, source)
    )


def needs_article(post: UnvisitedPost, source: FeedSource) -> bool:
    """Return whether the article of a post's page is needed."""
    return source.full_text and is_stub(post.summary_html, post.content_html)


def is_stub(summary_html: str, content_html: str) -> bool:
    """Return whether the feed carries only the beginning of an article."""
    text = feed_text(summary_html, content_html)
    return len(text) < _STUB_CHARS or (len(text) < _CUT_CHARS and _is_cut(text))


def feed_text(summary_html: str, content_html: str) -> str:
    """Return the words of the longer of a feed's two texts."""
    return max(bare_words(content_html), bare_words(summary_html), key=len)


def fuller_text(page_html: str, post: UnvisitedPost) -> str:
    """Return the page's article if it is the post's and clearly longer; empty otherwise.

    It is the post's if it contains the beginning that the feed carries, or most words of a
    hand-written summary. If the feed carries no text, the title decides.
    """
    page_text = bare_words(page_html)
    known = feed_text(post.summary_html, post.content_html)
    is_more = len(page_text) > max(len(known) * _MORE_RATIO, len(known) + _MORE_CHARS)
    if len(page_html) > MAX_CHARS or not is_more or not is_stub(known, ""):
        return ""
    page_words = _WORD.findall(page_text.casefold())
    is_same = _begins_alike(page_words, known) or _is_about(page_words, f"{post.title} {known}")
    return page_html if is_same else ""


def is_web_page(content_type: str) -> bool:
    """Return whether a content type is a web page's; an empty one counts as such."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "text/html", "application/xhtml+xml"}


def _needs_comments(post: UnvisitedPost) -> bool:
    count = post.known_count if post.count is None else post.count
    return not post.has_comment_feed or count > 1


def _is_cut(text: str) -> bool:
    return bool(_IS_CUT.search(text[-_CUT_WITHIN:]) or _ENDS_CUT.search(text[-_END_CHARS:]))


def _begins_alike(page_words: list[str], known: str) -> bool:
    """Return whether the page contains the beginning of the feed's text."""
    beginning = "".join(_WORD.findall(known[:1000].casefold()))[:_BEGINNING]
    return len(beginning) >= _MIN_BEGINNING and beginning in "".join(page_words)


def _is_about(page_words: list[str], about: str) -> bool:
    """Return whether the page contains most of the longer words of title and summary."""
    wanted = {word for word in _WORD.findall(about.casefold()) if len(word) >= _LONG_WORD}
    return bool(wanted) and len(wanted & set(page_words)) >= _SHARED * len(wanted)
