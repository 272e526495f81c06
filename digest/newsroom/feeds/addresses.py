"""Reads and compares the addresses and categories of feeds. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from digest.errors import UsageError
from digest.text.display import printable
from digest.text.html import plain_line
from digest.text.links import http_url, url_key


def feed_key(url: str) -> str:
    """Return a key that is equal for all spellings of one feed's address."""
    return url_key(url) or http_url(url).rstrip("/") or url


def feed_keys(urls: Iterable[str]) -> frozenset[str]:
    """Return the `feed_key` of each address."""
    return frozenset(map(feed_key, urls))


def feed_name(url: str) -> str:
    """Return a short name of a feed for the address of its page."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def typed_url(text: str) -> str:
    """Return an absolute address; the scheme is `https` if none is typed.

    Raises:
        UsageError: the text is not a web address.
    """
    text = text.strip()
    if text[:5].lower() == "feed:":
        text = text[5:].removeprefix("//")
    url = http_url(text) or ("" if "://" in text else http_url(f"https://{text}"))
    host = urlsplit(url).hostname or ""
    if not url or ("." not in host and ":" not in host and host != "localhost"):
        shown = printable(text)[:200]
        raise UsageError(f"{shown!r} is not a web address; use one such as https://example.org/")
    return url.partition("#")[0]


def typed_categories(names: Iterable[str] | None, *, source: str = "category") -> tuple[str, ...]:
    """Return the categories as the configuration has them, without duplicates.

    Args:
        names: the names; None for none.
        source: the name of the field or option, for the message.

    Raises:
        UsageError: a name is empty.
    """
    categories = tuple(dict.fromkeys(plain_line(name) for name in names or ()))
    if not all(categories):
        raise UsageError(f"{source}: must not be empty; give a name")
    return categories
