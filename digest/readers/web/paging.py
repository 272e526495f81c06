"""Finds the next page of a paged list from the response headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.readers.web.guard import port_of
from digest.text.links import http_url

#: One link of the header `Link` (RFC 8288): its target and its parameters.
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
#: Characters of one header; the rest is ignored.
_MAX_CHARS = 8000


def find_next(headers: Mapping[str, str], url: str) -> str:
    """Return the address of the next page; empty if there is none on the same server.

    It comes from `Link: <…>; rel="next"`, else from WordPress's `X-WP-TotalPages`, because some
    proxies remove the `Link` header.

    Args:
        headers: the response headers; looked up by the names above.
        url: the requested address.
    """
    linked = _linked_next(headers.get("Link", "")[:_MAX_CHARS], url)
    found = linked or _counted_next(headers.get("X-WP-TotalPages", ""), url)
    return found if found != url and is_same_server(found, url) else ""


def is_same_server(url: str, other: str) -> bool:
    """Return whether two addresses have the same scheme, host and port."""
    return _origin(url) == _origin(other)


def _linked_next(header: str, url: str) -> str:
    for target, parameters in _LINK.findall(header):
        relation = _RELATION.search(parameters)
        if relation and "next" in (relation[1] or relation[2]).lower().split():
            return http_url(target, url)
    return ""


def _counted_next(total: str, url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    page, pages = _number(query.get("page", "1")), _number(total)
    if not 0 < page < pages:
        return ""
    query["page"] = str(page + 1)
    return urlunsplit(parts._replace(query=urlencode(query)))


def _number(written: str) -> int:
    is_number = written.isascii() and written.isdecimal() and len(written) < 8
    return int(written) if is_number else 0


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", port_of(url)
