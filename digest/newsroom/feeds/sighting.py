"""What was seen of a feed, and of an address and the feeds behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import FoundFeed, ParsedFeed, ParsedPage, ParsedPost
from digest.readers.pages.feed_addresses import category_name, is_category_feed, is_comments_feed
from digest.text.links import url_key

#: Titles shown of a feed.
SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A feed that was read once, to be looked at."""

    url: str
    #: As the feed calls itself, else as the page calls it.
    title: str
    #: Such as `rss20`.
    format: str
    posts: int
    #: None where no post has a date that can be trusted.
    newest: datetime | None
    #: Titles of its first posts.
    samples: tuple[str, ...]
    #: Where the comments of its posts are; empty where nothing was found.
    comments: str
    #: The category it seems to be of, as the page calls it; empty for a feed of all posts.
    category: str = ""
    #: A permanent redirect leads there; empty without one.
    moved_to: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An address that gave no feed of posts, and why."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scouting:
    """An address, and the feeds found behind it."""

    #: As asked for, made absolute.
    url: str
    #: Whether it is a feed itself.
    is_feed: bool
    #: Feeds of posts, each content once: the likeliest first.
    found: tuple[Sighting, ...] = ()
    #: Feeds of comments, which are read by themselves.
    comment_feeds: tuple[FoundFeed, ...] = ()
    tried: tuple[Tried, ...] = ()


def sighting_of(
    url: str, parsed: ParsedFeed, *, found: FoundFeed | None, moved_to: str
) -> Sighting:
    """Give what there is to see of a feed.

    Args:
        url: its address.
        parsed: the document.
        found: how a page names it; None where none does.
        moved_to: where permanent redirects led.
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
    )


def is_of_comments(parsed: ParsedFeed, url: str) -> bool:
    """Whether a document that was read as a feed of posts lists comments, by its own title."""
    return is_comments_feed(parsed.title, url)


def content_key(parsed: ParsedFeed) -> frozenset[str]:
    """Give what two feeds of the same posts share, whatever their formats are."""
    return frozenset(url_key(post.url) or post.title for post in parsed.posts)


def comments_in_feed(posts: tuple[ParsedPost, ...]) -> str:
    """Say where the feed says that the comments of its posts are; empty where it does not."""
    with_feed = sum(bool(post.comment_feed_url) for post in posts)
    counted = sum(post.comment_count is not None for post in posts)
    if with_feed:
        return f"{with_feed} of {len(posts)} posts name a feed of their comments"
    return f"{counted} of {len(posts)} posts tell how many there are" if counted else ""


def comments_on_page(page: ParsedPage) -> tuple[str, ...]:
    """Say where an article's page has its comments, one line a place."""
    feeds = (f"feed {feed.url}" for feed in page.feeds if feed.is_comments)
    rest = (f"WordPress REST {page.rest_url}",) if page.rest_url else ()
    count = len(page.comments.comments)
    return (*feeds, *rest, *((f"{count} in the page itself",) if count else ()))


def _category_of(url: str, named: str) -> str:
    return category_name(named, url) if is_category_feed(named, url) else ""
