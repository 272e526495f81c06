"""Compares the addresses of feeds. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from digest.text.links import http_url, url_key


def feed_key(url: str) -> str:
    """Return a key that is equal for all spellings of one feed's address."""
    return url_key(url) or http_url(url).rstrip("/") or url


def feed_keys(urls: Iterable[str]) -> frozenset[str]:
    """Return the `feed_key` of each address."""
    return frozenset(map(feed_key, urls))
