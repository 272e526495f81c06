"""Extracts the article of a web page from the rest of the page.

Only this module uses trafilatura, which comes with the extra `fulltext`. It gets text and fetches
nothing. Importing it takes almost a second and 50 MB, so it is imported for the first page.
"""

from __future__ import annotations

import logging
import re
import warnings
from importlib.util import find_spec

from digest.text.html import clean_html

#: Characters of a page's markup; no article is extracted from a longer one.
MAX_CHARS = 1_000_000
#: Start tags and end tags. The library's time grows faster than their number, and 15,000 take more
#: than a second; pages with hundreds of comments have 3,000.
MAX_TAGS = 15_000
#: Attributes of one element, counted as words (an unclosed quote makes hundreds). Parsers compare
#: each attribute with all earlier ones.
MAX_ATTRIBUTES = 1500

# Possessive, so that an unclosed tag is read once only.
_ATTRIBUTES = re.compile(r"<[a-zA-Z]((?:[^<>\"']|\"[^\"]*\"|'[^']*'|(?!))*+)")
# Not markup: minified scripts are full of `<`.
_SCRIPT = re.compile(
    r"<(script|style|textarea|title)\b[^>]*>.*?</\1\b|<!--.*?-->", re.DOTALL | re.IGNORECASE
)
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'")

#: Loggers to silence: an empty result reports the same.
_LOGGERS = ("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer")

# Whole names only: `poll` is part of "pollen" and of personal names.
_CLASSES = (
    # Comments and their form.
    *("commentlist", "comment-list", "comments-area", "comment-respond", "comments-list"),
    *("comment-form", "fb-comments", "wpdiscuz", "wc-comment", "field--name-comment"),
    *("itemComments", "evo_post__section_comments"),
    # Author lines of the posts in a Discourse forum.
    "crawler-post-meta",
    # Polls.
    *("wp-polls", "wp-polls-form", "PDS_Poll", "pds-box", "polldaddy", "crowdsignal-poll"),
    *("poll", "poll-widget", "yop-poll-container", "totalpoll-wrapper"),
    # Share buttons and related posts.
    *("sharedaddy", "sd-sharing", "jp-relatedposts", "addtoany_share_save_container"),
    *("a2a_kit", "addthis_toolbox", "sharing", "share-buttons", "social-share", "shariff"),
    *("heateor_sss_sharing_container", "wpulike", "post-ratings", "yarpp", "related-posts"),
    *("wp-next-post-navi", "post-navigation", "nav-links", "mc4wp-form"),
)
_IDS = ("comments", "respond", "disqus_thread", "jp-post-flair", "likes", "jp-relatedposts")
_NOT_OF_THE_ARTICLE = [
    "//*[self::div or self::section or self::ol or self::ul or self::aside or self::form"
    " or self::nav or self::p or self::fieldset]"
    f"[{' or '.join(f'@id={name!r}' for name in _IDS)} or "
    + " or ".join(
        f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in _CLASSES
    )
    + "]",
    # Elements marked as comments in microdata.
    "//*[@itemprop='comment' or contains(@itemtype, 'schema.org/Comment')]",
]


def is_available() -> bool:
    """Return whether the extra `fulltext` is installed."""
    return find_spec("trafilatura") is not None


def read_article(markup: str, url: str) -> str:
    """Return the article of a page as allow-listed HTML, without comments, polls and buttons.

    Empty if it cannot be separated from the rest of the page, if the page is too large, or
    without the extra `fulltext`.

    Args:
        markup: the page, its depth limited by `limit_depth`.
        url: the page's address, the base of relative links.
    """
    if not markup.strip() or _is_too_large(markup) or not is_available():
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clean_html(_extracted(markup), url)


def _is_too_large(markup: str) -> bool:
    if len(markup) > MAX_CHARS:
        return True
    markup = _SCRIPT.sub("", markup)
    if markup.count("<") > MAX_TAGS:
        return True
    tags = (_VALUE.sub(" ", found[1]) for found in _ATTRIBUTES.finditer(markup))
    return any(len(tag.split()) > MAX_ATTRIBUTES for tag in tags)


def _extracted(markup: str) -> str:
    from trafilatura import extract

    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        found = extract(
            markup,
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_links=True,
            with_metadata=False,
            prune_xpath=_NOT_OF_THE_ARTICLE,
        )
    except Exception:  # the library may raise anything; the rest of the page is still read
        return ""
    return found or ""
