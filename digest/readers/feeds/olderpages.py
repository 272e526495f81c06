"""Finds the page with a feed's older posts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.text.links import http_url

#: Relations of links to older posts: of archives and of pages (RFC 5005 sections 4 and 3).
_RELATIONS = ("prev-archive", "next")
#: The end of an identifier that WordPress gives to a post; some sites hide the generator.
_POST = re.compile(r"/\?p=\d+\Z")
#: The parameter for the page of a list in WordPress.
_PAGE = "paged"


def linked_page(links: Iterable[tuple[str, str]], url: str) -> str:
    """Return the address of the page with older posts; empty if a feed links to none.

    Args:
        links: each link of the feed: its relation and its target.
        url: the feed's address.
    """
    targets: dict[str, str] = {}
    for relations, target in links:
        for relation in relations.lower().split():
            targets.setdefault(relation, http_url(target, url))
    return next((targets[name] for name in _RELATIONS if targets.get(name)), "")


def wordpress_page(generator: str, guid: str, url: str) -> str:
    """Return the address of the next page of a feed that WordPress made; else empty.

    Args:
        generator: the program that made the feed, as given in it; may be empty.
        guid: the identifier of one of its posts.
        url: the feed's address.
    """
    if not ("wordpress" in generator.lower() or _POST.search(guid)):
        return ""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = query.get(_PAGE, "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    query[_PAGE] = str(number + 1)
    return urlunsplit(parts._replace(query=urlencode(query)))
