"""Finds the sources of a post's comments and decides their order. Pure.

The better one is fetched first, and the next only if it fails or does not give the whole list:
WordPress's REST interface and those of open comment systems give all comments with their threads,
a comment feed the newest without threads, a page those in its markup. WordPress's comments have the
same names in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from digest.models import GIVEN_UP, CommentSource, ParsedPage, SourceKind

#: A higher number is trusted more.
TRUST = {
    SourceKind.REST: 3,
    SourceKind.SYSTEM: 3,
    SourceKind.FEED: 2,
    SourceKind.PAGE: 1,
    SourceKind.IMPORT: 0,
}
#: Maximum of pages of one list that are read.
MAX_PAGES = {SourceKind.REST: 20, SourceKind.SYSTEM: 1, SourceKind.FEED: 10, SourceKind.PAGE: 10}
#: Maximum of sources of one post; a feed may name a new one each time it is read.
MAX_RUNGS = 4
_MAX_WAIT = timedelta(days=1)
#: A page without comments is fetched again after this share of its post's age.
_SHARE_OF_AGE = 0.25

#: Query parameters of WordPress without pretty permalinks.
_NUMBERS = {"p", "page_id"}
#: Such as `/feeds/123/comments/default`, not `/feeds/comments/default` of the whole blog.
_BLOGGER = re.compile(r"/feeds/\d+/comments/")


def sources_of(page: ParsedPage, post_url: str) -> tuple[tuple[SourceKind, str], ...]:
    """Return the sources that a post's page names, best first; the page itself is the last.

    Only the post's own comment feed is used: WordPress also names the whole site's.
    """
    own = {page.url, post_url}
    feeds = [feed.url for feed in page.feeds if feed.is_comments and _is_own(feed.url, own)]
    rest = [(SourceKind.REST, page.rest_url)] if page.rest_url else []
    listed = [(SourceKind.FEED, url) for url in feeds[:1]]
    systems = [(SourceKind.SYSTEM, each.url) for each in page.comment_systems if each.url]
    return (*rest, *systems[:1], *listed, (SourceKind.PAGE, post_url))


def in_order(sources: Iterable[CommentSource]) -> tuple[CommentSource, ...]:
    """Return the sources of one post in the order in which they are fetched.

    The newest of a kind comes first. An imported file is not a source to fetch.
    """
    asked = (source for source in sources if source.kind is not SourceKind.IMPORT)
    rungs = sorted(asked, key=lambda source: (TRUST[source.kind], source.id), reverse=True)
    return tuple(rungs[:MAX_RUNGS])


def is_due(source: CommentSource, now: datetime) -> bool:
    """Return whether to fetch a source in this collection.

    A source that keeps failing waits longer each time, up to a day. A page without comments waits
    longer as its post grows older, unless the feed counts some, because most pages have none.
    """
    if source.checked_at is None:
        return True
    waited = now - source.checked_at
    if source.failures >= GIVEN_UP:
        hours = 2.0 ** min(source.failures - GIVEN_UP, 8)
        return waited >= min(timedelta(hours=hours), _MAX_WAIT)
    if source.kind is not SourceKind.PAGE or source.has_comments or source.failures:
        return True
    if source.count is not None:
        return source.count > 0
    age = source.checked_at - (source.first_seen_at or source.checked_at)
    return waited >= age * _SHARE_OF_AGE


def _is_own(feed_url: str, post_urls: Iterable[str]) -> bool:
    return any(_is_of(feed_url, url) for url in post_urls)


def _is_of(feed_url: str, post_url: str) -> bool:
    """Return whether a comment feed is the post's: below its path, or by its number."""
    feed, post = urlsplit(feed_url), urlsplit(post_url)
    if _host(feed.hostname) != _host(post.hostname):
        return False
    numbers, named = parse_qs(post.query), parse_qs(feed.query)
    for name in _NUMBERS & numbers.keys():
        return numbers[name] == named.get(name)
    path = post.path.rstrip("/").removesuffix(".html")
    is_below = bool(path) and feed.path.startswith((f"{path}/", f"{path}."))
    return is_below or _BLOGGER.match(feed.path) is not None


def _host(name: str | None) -> str:
    return (name or "").removeprefix("www.")
