"""Feeds, posts, comments and pages as read, before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """A selection of a feed's posts: those that match any entry of any list."""

    #: The feed's own categories.
    category: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    #: Words in the title, or the whole title with `*` for any text.
    title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed to add to the configuration."""

    url: str
    #: At least one.
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """One configured feed."""

    url: str
    #: The newsletter categories of its posts; with `map`, of those that match no entry of it.
    categories: tuple[str, ...]
    #: The feed's own categories, each with the newsletter categories of its posts.
    map: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Posts to collect; without an entry, all.
    include: PostFilter = PostFilter()
    #: Posts to exclude; overrides `include`.
    exclude: PostFilter = PostFilter()
    #: Whether the comments of its posts are read.
    has_comments: bool = True
    #: Whether an article's page is read if the feed has only its beginning.
    full_text: bool = True
    #: Whether a newsletter shows pictures, so that an article's page is read for its picture.
    has_images: bool = True
    #: How often it is fetched.
    interval: timedelta = timedelta(hours=1)
    #: Posts published longer ago are never mailed; None: no limit.
    max_post_age: timedelta | None = None

    @property
    def targets(self) -> frozenset[str]:
        """Every newsletter category that its posts can get."""
        return frozenset(self.categories).union(*(names for _, names in self.map))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """A server's values for conditional requests (RFC 9110 section 13)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A server's answer for one URL: the bytes, and the data needed to read them."""

    #: Decompressed.
    body: bytes
    #: Its URL, the base of relative links.
    url: str
    #: The `Content-Type` header, for the character encoding; may be empty.
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The result of one HTTP request after redirects."""

    #: The URL of the body.
    url: str
    #: 200, or 304 with an empty body.
    status: int
    body: bytes
    content_type: str
    validators: Validators
    #: The URL reached by permanent redirects (301, 308) alone; empty if there was none.
    moved_to: str = ""
    #: URL of the next page of the list, on the same server; empty if the server names none.
    next_url: str = ""

    @property
    def document(self) -> Document:
        """The document, for the parsers."""
        return Document(body=self.body, url=self.url, content_type=self.content_type)

    @property
    def is_unchanged(self) -> bool:
        """Whether the server answered "not modified" (304)."""
        return self.status == 304


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPost:
    """One post of a feed, cleaned, before it is compared with the stored posts."""

    #: The feed's own identifier; empty if it gives none.
    guid: str
    #: Absolute http(s) link; empty if the feed gives no safe one.
    url: str
    #: One line; may be empty.
    title: str
    author: str
    #: The feed's own categories, not the newsletter's.
    feed_categories: tuple[str, ...]
    #: The date as written in the feed; empty if absent.
    published_raw: str
    #: None if the feed's date is absent or unreliable.
    published_at: datetime | None
    #: Allow-listed HTML.
    summary_html: str
    #: Allow-listed HTML; empty if the feed has only a summary.
    content_html: str
    image_url: str = ""
    image_alt: str = ""
    #: The picture's size in bytes as given in the feed; None if not given.
    image_bytes: int | None = None
    #: `slash:comments`; WordPress includes pingbacks. None if absent.
    comment_count: int | None = None
    #: `wfw:commentRss`; empty if absent.
    comment_feed_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """A feed's own limits on how often to fetch it."""

    #: `ttl` (RSS 2.0), `sy:updatePeriod`; None if the feed sets no interval.
    min_interval: timedelta | None = None
    #: Hours of the day in UTC in which not to fetch it (`skipHours`).
    skip_hours: frozenset[int] = frozenset()
    #: Days of the week in UTC in which not to fetch it; 0 is Monday (`skipDays`).
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """The content of one feed document."""

    title: str
    #: URL of the site's page; empty if absent.
    site_url: str
    #: BCP 47 tag as given; empty if absent.
    language: str
    #: Such as `rss20`, `rss10`, `atom10`, `json11`; empty if not recognised.
    format: str
    posts: tuple[ParsedPost, ...]
    #: What was skipped or repaired, for the operator.
    problems: tuple[str, ...] = ()
    manners: Manners = Manners()
    #: URL of the page with its older posts; empty if there is none.
    older_url: str = ""


class CommentKind(StrEnum):
    """The kind of a response to a post."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedComment:
    """One response as given by its source."""

    #: The source's identifier, unique within its post.
    external_id: str
    #: `external_id` of the comment that it answers; empty if it answers the post or is unknown.
    parent_id: str
    #: As shown on the page; may be empty.
    author: str
    #: None if the source gives no date.
    posted_at: datetime | None
    #: Paragraphs separated by an empty line.
    text: str
    kind: CommentKind
    url: str = ""
    #: None if the source has no votes.
    votes: int | None = None


class SourceKind(StrEnum):
    """The kind of a source of comments."""

    #: RSS or Atom.
    FEED = "feed"
    #: WordPress REST API, `wp/v2/comments?post=N`.
    REST = "rest"
    #: The open interface of a comment system: Isso, Remark42, Commento, Discourse.
    SYSTEM = "system"
    #: The markup of the article's page.
    PAGE = "page"
    #: A file that an operator imported.
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedComments:
    """The comments of one post from one source."""

    #: In the source's order, each `external_id` once.
    comments: tuple[ParsedComment, ...]
    #: Whether this is the complete list; None if the source does not show it.
    is_complete: bool | None = None
    #: URL of the rest of the list; empty if there is no more.
    next_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedThread:
    """The comments of one post in an export file of another system."""

    #: Absolute http(s) link of the post; empty if the file gives none.
    post_url: str
    #: The post's identifier as in its feed; empty if there is none.
    post_guid: str
    post_title: str
    comments: tuple[ParsedComment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page links to."""

    url: str
    #: The title in the page's link; may be empty.
    title: str
    #: `rss`, `atom`, `json`; empty if the page does not give it.
    format: str
    #: Whether it lists comments instead of posts.
    is_comments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSystem:
    """A system whose comments a page loads by a script."""

    #: As its makers write it: `Disqus`, `Isso`.
    name: str
    #: Address of the post's comments in its open interface; empty if it has none.
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A web page, read for content that its feed does not have."""

    #: The page's canonical URL; else the URL that it was read from.
    url: str
    title: str
    feeds: tuple[FoundFeed, ...]
    #: WordPress REST URL of its comments; empty if there is none.
    rest_url: str
    #: The comments in its markup.
    comments: ParsedComments
    #: The picture it names for sharing, else its first suitable one; empty if there is none.
    image_url: str
    image_alt: str
    #: The article, allow-listed HTML; empty if it cannot be distinguished from the rest.
    content_html: str
    #: Possible feeds of the categories that it links to; guessed, they may not exist.
    category_feeds: tuple[FoundFeed, ...] = ()
    #: The systems of comments that it loads by a script.
    comment_systems: tuple[CommentSystem, ...] = ()


class Change(StrEnum):
    """The decision of intake about a post of a fetched feed."""

    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"


class NotMailed(StrEnum):
    """Why intake keeps a new post without mailing it; `posts.reason` in the database."""

    #: It was there before its feed was added.
    BACKLOG = "backlog"
    #: It is much older than what its feed listed before, as many others: the site began to list
    #: its archive.
    ARCHIVE = "archive"
    #: The same, but there are only a few: it is mailed all the same.
    LATE = "late"
    #: Older than the feed's `max_post_age`.
    TOO_OLD = "too old"
    #: It waits for the day of its date.
    AHEAD = "dated ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdate:
    """The data to store for one post of a fetched feed."""

    change: Change
    #: The stored post; None for a new one.
    post_id: int | None
    parsed: ParsedPost
    #: Normalised link, equal for two spellings of one link; empty without a link.
    url_key: str
    #: Hash of the words and links that a subscriber would see.
    content_hash: str
    #: False for a post that is kept without being mailed (with a `reason`).
    is_mailable: bool = True
    #: A `NotMailed`; empty for an ordinary post.
    reason: str = ""
