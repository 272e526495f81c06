"""Decides whether a page shows all its comments, and finds the page with the next ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.readers.responses.profiles import PROFILE
from digest.text.links import http_url, url_key

_PAGE = re.compile(r"/comment-page-(\d{1,5})/?\Z")
#: The same page in another shape.
_SHAPE = re.compile(r"/amp\Z|/index\.(?:html?|php)\Z", re.IGNORECASE)
#: Links examined on a page; each of 1,000 comments may have three.
_MAX_LINKS = 4000
_LINKS = 'a[href*="comment-page-"], a[href*="cpage="]'
#: "45 Comments to", "Kommentare (34)", but not a number in a post's title.
_COUNT = re.compile(r"\W*(?:(\d{1,6})\b|[^\W\d]+(?:\s[^\W\d]+)?\s?[:(]\s?(\d{1,6})\b)")
_OWN = (
    ("link[rel=canonical]", "href"),
    ('meta[property="og:url"]', "content"),
    ("link[rel=shortlink]", "href"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The number of its comments that a page shows."""

    #: None if unknown.
    is_complete: bool | None
    #: Empty if there is no next page.
    next_url: str


def read_extent(
    tree: LexborHTMLParser, url: str, *, shown: int, is_plain_list: bool, is_cut: bool
) -> Extent:
    """Return whether `shown` comments, pingbacks included, are all, and the next page.

    Args:
        tree: the page, with its comments.
        url: the page's address.
        shown: the number of comments in its markup.
        is_plain_list: whether markup of this kind lists all comments by default.
        is_cut: whether the page has more comments than are read.
    """
    pages = _linked_pages(tree, url)
    declared = _declared(tree)
    if pages is not None:
        return Extent(is_complete=False, next_url=_next(pages, _number(urlsplit(url))))
    is_short = declared is not None and declared > shown
    if is_cut or is_short or tree.css_first(PROFILE.more):
        return Extent(is_complete=False, next_url="")
    is_sure = declared == shown or (is_plain_list and not tree.css_first(PROFILE.lazy))
    return Extent(is_complete=True if shown and is_sure else None, next_url="")


def own_addresses(tree: LexborHTMLParser, url: str) -> frozenset[str]:
    """Return the addresses of the page: the one it was read from, and those it names itself."""
    own = {http_url(url)}
    for selector, attribute in _OWN:
        found = tree.css_first(selector)
        own.add(http_url((found.attributes.get(attribute) if found else "") or "", url))
    return frozenset(own)


def post_key(url: str) -> str:
    """Return a key that is equal for all addresses of a post's page on its own site.

    Without the comment page, the query and the fragment; the query counts if there is no path.
    """
    parts = urlsplit(url)
    path = _SHAPE.sub("", unquote(_PAGE.sub("", parts.path)).rstrip("/")).casefold()
    numbers = [pair for pair in parse_qsl(parts.query) if pair[0] in {"p", "page_id"}]
    return path or (f"?{numbers[0][1]}" if numbers else "/")


def _linked_pages(tree: LexborHTMLParser, url: str) -> dict[int, str] | None:
    """Return the linked comment pages by number; None if the comments are not paged."""
    own = {_key(each) for each in own_addresses(tree, url)}
    found_any = _number(urlsplit(http_url(url))) > 0
    pages: dict[int, str] = {}
    for link in tree.css(_LINKS)[:_MAX_LINKS]:
        there = http_url(link.attributes.get("href") or "", url)
        parts = urlsplit(there)
        number = _number(parts)
        if number and not _is_inside(parts):
            found_any = True
            if _key(there) in own:
                pages.setdefault(number, there.partition("#")[0])
    return pages if found_any else None


def _is_inside(parts: SplitResult) -> bool:
    """Return whether a link leads to one comment or to the reply form."""
    return parts.fragment.startswith(("comment-", "respond")) or "replytocom" in parts.query


def _number(parts: SplitResult) -> int:
    """Return the number of a comment page; 0 if an address has none."""
    found = _PAGE.search(parts.path)
    if found:
        return int(found[1])
    asked = dict(parse_qsl(parts.query)).get("cpage", "")
    return int(asked) if re.fullmatch(r"[0-9]{1,5}", asked) else 0


def _key(url: str) -> str:
    """Return a key that is equal for all comment pages of a post."""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if not part.startswith("cpage="))
    path = _PAGE.sub("", parts.path).rstrip("/")
    return url_key(parts._replace(path=path or "/", query=query, fragment="").geturl()) or path


def _next(pages: dict[int, str], here: int) -> str:
    """Return the page to read after this one.

    Depending on a setting, WordPress shows the newest comment page, numbered last, or the first
    one under the post's own address; the numbers of the linked pages show which.
    """
    if not here:
        chosen = max(pages, default=0) if 1 in pages else min(pages, default=0)
    elif here == 1:
        chosen = 0
    else:
        is_oldest_first = 1 not in pages and (here == 2 or len(pages) > 2)
        chosen = here + 1 if is_oldest_first else here - 1
    return pages.get(chosen, "")


def _declared(tree: LexborHTMLParser) -> int | None:
    """Return the number of comments from the page's heading; None if it has none."""
    for heading in tree.css(PROFILE.counts)[:20]:
        found = _COUNT.match(heading.text()[:200])
        if found:
            return int(found[1] or found[2])
    return None
