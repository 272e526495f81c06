"""Posts and feeds as the readers return them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from digest.models import ParsedComments, ParsedFeed, ParsedPage, ParsedPost

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)

_POST = ParsedPost(
    guid="",
    url="",
    title="Title",
    author="Anna",
    feed_categories=(),
    published_raw="",
    published_at=None,
    summary_html="",
    content_html="<p>Words.</p>",
)


def parsed_post(**fields: Any) -> ParsedPost:
    """Return a post with these fields."""
    return replace(_POST, **fields)


def parsed_feed(*posts: ParsedPost) -> ParsedFeed:
    """Return a feed of these posts."""
    return ParsedFeed(
        title="Harbour News",
        site_url="https://harbour.example/",
        language="en",
        format="rss20",
        posts=posts,
    )


def parsed_page(url: str, **fields: Any) -> ParsedPage:
    """Return a page with these fields, empty otherwise."""
    page = ParsedPage(
        url=url,
        title="",
        feeds=(),
        rest_url="",
        comments=ParsedComments(comments=()),
        image_url="",
        image_alt="",
        content_html="",
    )
    return replace(page, **fields)
