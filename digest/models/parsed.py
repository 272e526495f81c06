"""What feeds give, before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Which posts of a feed are meant: those that one entry of any of its lists matches."""

    #: The feed's own categories.
    category: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    #: Words, or the whole title with `*` for anything.
    title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed to be added to the configuration."""

    url: str
    #: At least one.
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """One feed as the configuration names it."""

    url: str
    #: The newsletter categories of its posts; with `map`, of those that no entry of it matches.
    categories: tuple[str, ...]
    #: The feed's own categories, and the newsletter's that their posts go to.
    map: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Posts that are taken; without an entry, all.
    include: PostFilter = PostFilter()
    #: Posts that are left out, whatever else says.
    exclude: PostFilter = PostFilter()
    #: Whether the comments of its posts are read.
    has_comments: bool = True
    #: Whether an article's own page is read where the feed carries only its beginning.
    full_text: bool = True
    #: How often it is read.
    interval: timedelta = timedelta(hours=1)

    @property
    def targets(self) -> frozenset[str]:
        """Every newsletter category that its posts may go to."""
        return frozenset(self.categories).union(*(names for _, names in self.map))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask again only for what changed (RFC 9110 section 13)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a server gave for one address: bytes, and what is needed to read them."""

    #: Not compressed.
    body: bytes
    #: Where it came from; relative links count from it.
    url: str
    #: The server's header, for the character encoding; may be empty.
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The end of one guarded HTTP request, redirects followed."""

    #: Where the body came from.
    url: str
    #: 200, or 304 with an empty body.
    status: int
    body: bytes
    content_type: str
    validators: Validators
    #: Where permanent redirects (301, 308) alone led; empty without one.
    moved_to: str = ""
    #: Where the list goes on, as the server says, on the same server; empty: nowhere.
    next_url: str = ""

    @property
    def document(self) -> Document:
        """What came, for the parsers."""
        return Document(body=self.body, url=self.url, content_type=self.content_type)

    @property
    def is_unchanged(self) -> bool:
        """Whether the server said that nothing changed."""
        return self.status == 304


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPost:
    """One post as a feed gives it, cleaned, before it is compared with what is known."""

    #: The feed's own identifier; empty where it gives none.
    guid: str
    #: Absolute http(s) link; empty where the feed gives none that is safe.
    url: str
    #: One line; may be empty.
    title: str
    author: str
    #: The feed's own categories, not the newsletter's.
    feed_categories: tuple[str, ...]
    #: As written in the feed; empty where absent.
    published_raw: str
    #: None where the feed's date is absent or cannot be trusted.
    published_at: datetime | None
    #: Allow-listed HTML.
    summary_html: str
    #: Allow-listed HTML; empty where the feed carries a summary only.
    content_html: str
    image_url: str = ""
    image_alt: str = ""
    #: The picture's size as the feed tells it; None where it does not.
    image_bytes: int | None = None
    #: `slash:comments`; pingbacks are counted in by WordPress. None where absent.
    comment_count: int | None = None
    #: `wfw:commentRss`; empty where absent.
    comment_feed_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How often a feed wants to be asked, as it says itself."""

    #: `ttl` (RSS 2.0), `sy:updatePeriod`; None where it does not say.
    min_interval: timedelta | None = None
    #: Hours of the day in UTC in which nothing is new (`skipHours`).
    skip_hours: frozenset[int] = frozenset()
    #: Days of the week in UTC, 0 is Monday (`skipDays`).
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """One feed document, read."""

    title: str
    #: The site's page; empty where absent.
    site_url: str
    #: BCP 47 tag as given; empty where absent.
    language: str
    #: Such as `rss20`, `rss10`, `atom10`, `json11`; empty where nothing was recognised.
    format: str
    posts: tuple[ParsedPost, ...]
    #: What was skipped or mended, for the operator.
    problems: tuple[str, ...] = ()
    manners: Manners = Manners()


class CommentKind(StrEnum):
    """What a response under a post is."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedComment:
    """One response as its source gives it."""

    #: The source's identifier, unique within its post.
    external_id: str
    #: `external_id` of the comment it answers; empty at the top or where unknown.
    parent_id: str
    #: As shown; may be empty.
    author: str
    #: None where the source gives no date.
    posted_at: datetime | None
    #: Paragraphs parted by an empty line.
    text: str
    kind: CommentKind
    url: str = ""
    #: None where the source has no votes.
    votes: int | None = None


class SourceKind(StrEnum):
    """Where the comments of a post are read."""

    #: RSS or Atom.
    FEED = "feed"
    #: WordPress REST API, `wp/v2/comments?post=N`.
    REST = "rest"
    #: The markup of the article's page.
    PAGE = "page"
    #: A file that an operator brought in.
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedComments:
    """What one source of comments gives for one post."""

    #: In the source's order, each `external_id` once.
    comments: tuple[ParsedComment, ...]
    #: Whether this is the whole list; None: the source does not say.
    is_complete: bool | None = None
    #: Where the rest of the list is; empty where there is none.
    next_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedThread:
    """The comments of one post in a file that another system wrote."""

    #: Absolute http(s) link of the post; empty where the file gives none.
    post_url: str
    #: The post's identifier there, as its feed would give it; empty where there is none.
    post_guid: str
    post_title: str
    comments: tuple[ParsedComment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page links to."""

    url: str
    #: As the page calls it; may be empty.
    title: str
    #: `rss`, `atom`, `json`; empty where the page does not say.
    format: str
    #: Whether it lists comments, not posts.
    is_comments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A web page, read for what its feed left out."""

    #: The address it calls its own; else where it came from.
    url: str
    title: str
    feeds: tuple[FoundFeed, ...]
    #: WordPress REST address of its comments; empty where there is none.
    rest_url: str
    #: What its markup shows.
    comments: ParsedComments
    #: The picture it names for sharing, else its first sensible one; empty where there is none.
    image_url: str
    image_alt: str
    #: The article, allow-listed HTML; empty where it cannot be told from the rest.
    content_html: str
    #: Where the feeds of the categories may be that it links to; guessed, not promised.
    category_feeds: tuple[FoundFeed, ...] = ()


class Change(StrEnum):
    """What intake says of a post in a fetched feed."""

    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdate:
    """What to store for one post of a fetched feed."""

    change: Change
    #: The stored post; None for a new one.
    post_id: int | None
    parsed: ParsedPost
    #: The key under which equal links are equal; empty without a link.
    url_key: str
    #: Hash of the words and links a subscriber would see.
    content_hash: str
    #: False for what was there before the feed was added (`reason` says so).
    is_mailable: bool = True
    reason: str = ""
