"""The facts about a feed that was found, and the feeds of an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import CommentSystem, FoundFeed, ParsedFeed, ParsedPage, ParsedPost
from digest.readers.pages.feed_addresses import category_name, is_category_feed, is_comments_feed
from digest.text.links import url_key

#: The number of post titles shown for a feed.
SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A feed that was read once, to show it to the operator."""

    url: str
    #: The feed's own title, else its title on the page.
    title: str
    #: Format of the feed, such as `rss20`.
    format: str
    #: Number of posts in the feed.
    posts: int
    #: Date of the newest post; None if no post has a date that can be trusted.
    newest: datetime | None
    #: Titles of its first posts.
    samples: tuple[str, ...]
    #: The comment sources of its posts; empty if none was found.
    comments: str
    #: Its likely category, as named on the page; empty for a feed of all posts.
    category: str = ""
    #: Address to which permanent redirects lead; empty if there are none.
    moved_to: str = ""
    problems: tuple[str, ...] = ()
    #: BCP 47 tag as the feed gives it; empty if absent.
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An address that is not a feed of posts, and why."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scouting:
    """An address and the feeds found for it."""

    #: The address that was given, made absolute.
    url: str
    #: Whether the address is a feed itself.
    is_feed: bool
    #: Feeds of posts, the likeliest first; of feeds with the same posts only one.
    found: tuple[Sighting, ...] = ()
    #: Feeds of comments, which need not be configured.
    comment_feeds: tuple[FoundFeed, ...] = ()
    #: Addresses that were tried without success.
    tried: tuple[Tried, ...] = ()


def sighting_of(
    url: str, parsed: ParsedFeed, *, found: FoundFeed | None, moved_to: str
) -> Sighting:
    """Return the facts about a feed.

    Args:
        url: the feed's address.
        parsed: the parsed feed.
        found: the feed as named on a page; None if no page names it.
        moved_to: the address to which permanent redirects led; empty if there were none.
    """
    named = found.title if found else ""
    dates = [post.published_at for post in parsed.posts if post.published_at]
    return Sighting(
        url=url,
        title=parsed.title or named,
        format=parsed.format,
        posts=len(parsed.posts),
        newest=max(dates, default=None),
        samples=tuple(post.title for post in parsed.posts if post.title)[:SAMPLES],
        comments=comments_in_feed(parsed.posts),
        category=_category_of(url, named),
        moved_to=moved_to,
        problems=parsed.problems,
        language=parsed.language,
    )


def is_of_comments(parsed: ParsedFeed, url: str) -> bool:
    """Whether a feed lists comments rather than posts, judging by its title and address."""
    return is_comments_feed(parsed.title, url)


def content_key(parsed: ParsedFeed) -> frozenset[str]:
    """Return a key that is equal for two feeds of the same posts in any format."""
    return frozenset(url_key(post.url) or post.title for post in parsed.posts)


def comments_in_feed(posts: tuple[ParsedPost, ...]) -> str:
    """Return what a feed contains about the comments of its posts; empty if nothing."""
    with_feed = sum(bool(post.comment_feed_url) for post in posts)
    counted = sum(post.comment_count is not None for post in posts)
    if with_feed:
        return f"posts with a comment feed: {with_feed} of {len(posts)}"
    return f"posts with a number of comments: {counted} of {len(posts)}" if counted else ""


def comments_on_page(page: ParsedPage) -> tuple[str, ...]:
    """Return the comment sources of an article's page, one line each."""
    feeds = (f"feed {feed.url}" for feed in page.feeds if feed.is_comments)
    rest = (f"WordPress REST {page.rest_url}",) if page.rest_url else ()
    count = len(page.comments.comments)
    itself = (f"{count} in the page itself",) if count else ()
    return (*feeds, *rest, *map(_describe_system, page.comment_systems), *itself)


def _describe_system(system: CommentSystem) -> str:
    if system.url:
        return f"{system.name}, read at {system.url.partition('#')[0]}"
    return (
        f"{system.name}, loaded by a script: cannot be read; to quote its comments, export them"
        " and run `digest comments import`"
    )


def _category_of(url: str, named: str) -> str:
    return category_name(named, url) if is_category_feed(named, url) else ""
