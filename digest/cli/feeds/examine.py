"""`digest feeds test`: everything that can be seen of one address, without storing it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import typer

from digest.app import App, utc_now
from digest.app.database import unopened_database
from digest.app.reading import open_fetcher
from digest.app.sources import feed_sources
from digest.cli.feeds.address import UrlText, same, typed_url
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import heading, print_json, say
from digest.errors import DigestError
from digest.models import FeedSource, ParsedFeed, PostUpdate
from digest.newsroom.feeds import Examination, PostReport
from digest.newsroom.feeds import examine as examine_url
from digest.newsroom.feeds.examine import Intake, as_new
from digest.readers.parsing.pool import ParserPool
from digest.readers.posts.entries import entries_of
from digest.readers.posts.identity import KnownPosts
from digest.readers.posts.intake import decide
from digest.store.feed_counts import feed_id_of
from digest.store.known_posts import known_posts


def examine(context: typer.Context, url: UrlText, as_json: JsonFlag = False) -> None:
    """Read a feed or a page and explain what is seen; nothing is stored.

    Exit 1: it cannot be read, or is a page without feeds and comments.
    """
    app, now = App.load(config_path(context)), utc_now()
    asked = typed_url(url)
    source = next(
        (each for each in feed_sources(app.config) if same(each.url) == same(asked)), None
    )
    seen = run(_examine(app, source.url if source else asked, _intake(app, source, now), now))
    if as_json:
        print_json({**asdict(seen), "configured": asdict(source) if source else None})
    else:
        _show(seen, source)
    if seen.kind == "page" and not (seen.feeds or seen.comments):
        reason = "no feed and no comments found; `digest feeds add` tries more addresses"
        raise DigestError(f"{seen.url}: {reason}")


async def _examine(app: App, url: str, intake: Intake, now: datetime) -> Examination:
    async with open_fetcher(app.config) as fetcher, ParserPool() as pool:
        return await examine_url(fetcher, pool, url, intake, now=now)


def _intake(app: App, source: FeedSource | None, now: datetime) -> Intake:
    """Give intake with what is stored of a configured feed, else as of a new one."""
    if source is None or not unopened_database(app.config).exists():
        return as_new(now)
    with app.database.read() as connection:
        feed_id = feed_id_of(connection, source.url)
    if feed_id is None:
        return as_new(now)

    def decide_now(parsed: ParsedFeed) -> tuple[PostUpdate, ...]:
        entries = entries_of(parsed.posts)
        guids, keys = [each.post.guid for each in entries], [each.key for each in entries]
        with app.database.read() as connection:
            known = KnownPosts(known_posts(connection, feed_id, guids, keys))
        return decide(entries, known, is_first_read=False, now=now)

    return decide_now


def _show(seen: Examination, source: FeedSource | None) -> None:
    heading(f"{seen.title or 'Without a title'} ({seen.format or seen.kind})")
    for name, value in _facts(seen, source):
        if value:
            say(f"{name}: {value}")
    for problem in seen.problems:
        say(f"Problem: {problem}")
    for feed in seen.feeds:
        kind = "comments" if feed.is_comments else "posts"
        say(f"Feed of {kind}: {feed.url} {feed.title}".rstrip())
    for feed in seen.category_feeds:
        say(f"Perhaps a category's feed: {feed.url} {feed.title}".rstrip())
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
        ("Has moved for good to", seen.moved_to),
        ("Answer", f"HTTP {seen.status}, {seen.content_type or 'no type'}, {seen.bytes} bytes"),
        ("ETag", seen.etag),
        ("Last-Modified", seen.last_modified),
        ("Encoding", seen.encoding or "not told"),
        ("Language", seen.language),
        ("Asks to be read at most every", str(manners.min_interval or "")),
        ("Nothing new at hours (UTC)", ", ".join(map(str, sorted(manners.skip_hours)))),
        ("Nothing new on days (Monday is 0)", ", ".join(map(str, sorted(manners.skip_days)))),
        ("Configured", f"categories {', '.join(source.categories)}" if source else ""),
    )


def _show_post(number: int, post: PostReport) -> None:
    say(f"{number}. {post.title or 'without a title'}")
    date = f"{post.date:%Y-%m-%d %H:%M} UTC" if post.date else f"not believed: {post.date_problem}"
    words = f"summary {post.summary_words} words, content {post.content_words} words"
    comments = [
        "" if post.comment_count is None else str(post.comment_count),
        post.comment_feed_url,
    ]
    facts = (
        ("Link", post.url or "none"),
        ("Identifier", post.guid or "none"),
        ("Date", f"{post.date_raw or 'none'} -> {date}"),
        ("Author", post.author),
        ("Categories", ", ".join(post.feed_categories)),
        ("Picture", post.image_url),
        ("Text", words + (" (a stub)" if post.is_stub else "")),
        ("Comments", " ".join(filter(None, comments)) or "not told"),
        ("Would be", post.intake),
    )
    for name, value in facts:
        if value:
            say(f"   {name}: {value}")
