"""Whether the page of a post is worth a visit, and what of its text is kept. Pure."""

from __future__ import annotations

import re

from digest.models import FeedSource, UnvisitedPost
from digest.text.html import bare_words

#: Of text; a shorter one is a beginning, or a post that is soon read again.
_STUB_CHARS = 900
#: One that ends as if it went on is a beginning up to here.
_CUT_CHARS = 4000
#: A page says more where it says this much more than the feed, in characters and by ratio.
_MORE_CHARS = 200
_MORE_RATIO = 1.25
#: Letters of the beginning that must stand in the page as they do in the feed.
_BEGINNING = 40
_MIN_BEGINNING = 20
#: Of longer words of title and summary: this share stands in the article they are about.
_SHARED = 0.6
_LONG_WORD = 5
#: Of a page's text as kept.
MAX_CHARS = 400_000

# As WordPress cuts, before its line on where the post appeared first; and what others write last.
_IS_CUT = re.compile(r"\[\s?(?:…|\.{3})\s?\]")
_ENDS_CUT = re.compile(
    r"(?:…|\.\.\.|\b(?:read (?:more|on|the)|continue reading)\b.{0,30}"
    r"|weiterlesen|lire la suite|leer más|continua a leggere|lees verder)\W{0,3}\Z",
    re.IGNORECASE,
)
#: Looked for at the end only.
_CUT_WITHIN = 300
_END_CHARS = 60
_WORD = re.compile(r"\w+")


def needs_page(post: UnvisitedPost, source: FeedSource) -> bool:
    """Whether a post's own page is to be read for what its feed left out.

    Its comments, where the feed names no comment feed, or there is more than one comment: a
    comment feed names no answers, and shows the newest ten only. Its picture. Its text, where the
    feed carries a beginning.
    """
    if not post.url:
        return False
    return (
        (source.has_comments and _needs_comments(post))
        or not post.has_image
        or needs_article(post, source)
    )


def needs_article(post: UnvisitedPost, source: FeedSource) -> bool:
    """Whether the article itself is wanted of a post's page."""
    return source.full_text and is_stub(post.summary_html, post.content_html)


def is_stub(summary_html: str, content_html: str) -> bool:
    """Whether what the feed carries is only the beginning of an article."""
    text = feed_text(summary_html, content_html)
    return len(text) < _STUB_CHARS or (len(text) < _CUT_CHARS and _is_cut(text))


def feed_text(summary_html: str, content_html: str) -> str:
    """Give the words of what the feed carries, by the longer of the two."""
    return max(bare_words(content_html), bare_words(summary_html), key=len)


def fuller_text(page_html: str, post: UnvisitedPost) -> str:
    """Give the page's article where it is the post's and says clearly more; empty otherwise.

    It is the post's where it holds the beginning that the feed carries, or most of the words of
    a summary that somebody wrote. A feed that carries no text leaves it to the title.
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
    """Whether a server's header lets a web page be expected; one that says nothing does."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "text/html", "application/xhtml+xml"}


def _needs_comments(post: UnvisitedPost) -> bool:
    count = post.known_count if post.count is None else post.count
    return not post.has_comment_feed or count > 1


def _is_cut(text: str) -> bool:
    return bool(_IS_CUT.search(text[-_CUT_WITHIN:]) or _ENDS_CUT.search(text[-_END_CHARS:]))


def _begins_alike(page_words: list[str], known: str) -> bool:
    """Whether the first letters that the feed carries stand in the page."""
    beginning = "".join(_WORD.findall(known[:1000].casefold()))[:_BEGINNING]
    return len(beginning) >= _MIN_BEGINNING and beginning in "".join(page_words)


def _is_about(page_words: list[str], about: str) -> bool:
    """Whether most of the longer words of title and summary stand in the page."""
    wanted = {word for word in _WORD.findall(about.casefold()) if len(word) >= _LONG_WORD}
    return bool(wanted) and len(wanted & set(page_words)) >= _SHARED * len(wanted)
