"""`digest feeds test`: shows everything that is read from one address; stores nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from digest.cli.door import open_newsroom
from digest.cli.feeds.address import UrlText, typed_url
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import heading, print_json, say
from digest.errors import DigestError
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.models import FeedSource
    from digest.newsroom.feeds.examine import Examination, PostReport


def examine(context: typer.Context, url: UrlText, as_json: JsonFlag = False) -> None:
    """Read a feed or a page and show the result; nothing is stored.

    Exit codes: 1 if the address cannot be read, or is a page without feeds and comments.
    """
    feeds = open_newsroom(context).feeds
    examined = run(feeds.examine(typed_url(url)))
    seen, source = examined.seen, examined.source
    if as_json:
        print_json({**asdict(seen), "configured": asdict(source) if source else None})
    else:
        _show(seen, source)
    if seen.kind == "page" and not (seen.feeds or seen.comments):
        reason = "no feeds and no comments found; `digest feeds add` tries more addresses"
        raise DigestError(f"{seen.url}: {reason}")


def _show(seen: Examination, source: FeedSource | None) -> None:
    heading(f"{seen.title or '(no title)'} ({seen.format or seen.kind})")
    for name, value in _facts(seen, source):
        if value:
            say(f"{name}: {value}")
    for problem in seen.problems:
        say(f"Problem: {problem}")
    for feed in seen.feeds:
        kind = "comments" if feed.is_comments else "posts"
        say(f"Feed with {kind}: {feed.url} {feed.title}".rstrip())
    for feed in seen.category_feeds:
        say(f"Possible category feed: {feed.url} {feed.title}".rstrip())
    for line in seen.comments:
        say(f"Comments: {line}")
    for number, post in enumerate(seen.posts, start=1):
        say()
        _show_post(number, post)


def _facts(seen: Examination, source: FeedSource | None) -> tuple[tuple[str, str], ...]:
    manners = seen.manners
    return (
        ("Address", seen.url),
        ("Redirects to", seen.final_url if seen.final_url != seen.url else ""),
        ("Moved permanently to", seen.moved_to),
        (
            "Response",
            f"HTTP {seen.status}, {seen.content_type or 'no content type'},"
            f" {counted(seen.bytes, 'byte')}",
        ),
        ("ETag", seen.etag),
        ("Last-Modified", seen.last_modified),
        ("Encoding", seen.encoding or "not given"),
        ("Language", seen.language),
        ("Minimum interval", str(manners.min_interval or "")),
        ("Skip hours (UTC)", ", ".join(map(str, sorted(manners.skip_hours)))),
        ("Skip days (Monday is 0)", ", ".join(map(str, sorted(manners.skip_days)))),
        ("Configured", f"yes, categories: {', '.join(source.categories)}" if source else ""),
    )


def _show_post(number: int, post: PostReport) -> None:
    say(f"{number}. {post.title or '(no title)'}")
    date = f"{post.date:%Y-%m-%d %H:%M} UTC" if post.date else f"rejected: {post.date_problem}"
    words = (
        f"summary {counted(post.summary_words, 'word')},"
        f" content {counted(post.content_words, 'word')}"
    )
    comments = [
        "" if post.comment_count is None else str(post.comment_count),
        post.comment_feed_url,
    ]
    facts = (
        ("Link", post.url or "none"),
        ("ID", post.guid or "none"),
        ("Date", f"{post.date_raw or 'none'} -> {date}"),
        ("Author", post.author),
        ("Categories", ", ".join(post.feed_categories)),
        ("Picture", post.image_url),
        ("Text", words + (" (stub, not the full text)" if post.is_stub else "")),
        ("Comments", " ".join(filter(None, comments)) or "not given"),
        ("On collect", post.intake),
    )
    for name, value in facts:
        if value:
            say(f"   {name}: {value}")
