"""The values that travel between the rooms, in the order in which a post meets them.

Feeds become posts, posts an edition, an edition variants, a variant messages, a message a
delivery. All are frozen; times are aware and in UTC; text is plain unless a name ends in `_html`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# --- readers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """One feed as the configuration names it."""

    url: str
    #: The newsletter categories its posts belong to.
    categories: tuple[str, ...]
    #: Whether the comments of its posts are read.
    has_comments: bool = True
    #: How often it is read.
    interval: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask again only for what changed (RFC 9110 section 13)."""

    etag: str = ""
    last_modified: str = ""


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
    #: `slash:comments`; pingbacks are counted in by WordPress. None where absent.
    comment_count: int | None = None
    #: `wfw:commentRss`; empty where absent.
    comment_feed_url: str = ""


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
    #: Hash of the words and links a reader would see.
    content_hash: str
    #: False for what was there before the feed was added (`reason` says so).
    is_mailable: bool = True
    reason: str = ""


# --- stored posts and comments ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as stored."""

    id: int
    #: The order in which posts were learned of; only grows; windows are cut by it.
    seq: int
    #: The feed that brought it first.
    feed_url: str
    #: Title of that feed.
    feed_title: str
    url: str
    title: str
    author: str
    #: Newsletter categories, of all feeds that carry the post.
    categories: tuple[str, ...]
    #: Never in the future: where the feed's date is not sure, the time of `first_seen_at`.
    published_at: datetime
    first_seen_at: datetime
    summary_html: str
    content_html: str
    image_url: str
    image_alt: str
    #: The feed's `slash:comments`, pingbacks counted in; None where it gives none.
    feed_comment_count: int | None
    #: Whether the stored comments are the whole list.
    has_all_comments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One response under a post, as stored."""

    id: int
    #: `id` of the comment it answers; None at the top.
    parent_id: int | None
    #: As shown on the page; may be empty.
    author: str
    #: None where the source gives no date.
    posted_at: datetime | None
    #: Paragraphs parted by an empty line.
    text: str
    kind: CommentKind
    url: str
    #: None where the source has no votes.
    votes: int | None = None
    #: Waits for an editor.
    is_held: bool = False


# --- composer -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something is in an edition or not: a stable code, and an editor's words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A post in the window with its comments: what the composer chooses from."""

    post: Post
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A reader's comment as printed."""

    comment_id: int
    name: str
    text: str
    url: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOmission:
    """A comment that is not quoted, and why. Its text is cut to a line for the explanation."""

    comment_id: int
    name: str
    text: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post as chosen for one edition: all that is printed of it."""

    post_id: int
    seq: int
    title: str
    url: str
    author: str
    published_at: datetime
    #: Newsletter categories, in the newsletter's order; at least one.
    categories: tuple[str, ...]
    #: Reading time; None where the feed carries no full text.
    minutes: int | None
    #: Whole sentences; may be empty.
    excerpt: str
    #: Up to 75 words, for the place at the top; equal to `excerpt` where there is no more.
    lead_excerpt: str
    image_url: str
    image_alt: str
    #: Responses without pingbacks and trackbacks.
    comment_count: int
    #: Best first, at most `top_comments_per_post`.
    quotes: tuple[Quote, ...]
    not_quoted: tuple[CommentOmission, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """A post in the window that is not in the edition, and why."""

    post_id: int
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One issue of a newsletter, complete: nothing downstream looks at posts again.

    `stories` is the pool in rank order; a variant filters it by category and window, caps each
    section and never ranks again.
    """

    newsletter: str
    #: The newsletter's name as printed.
    title: str
    tagline: str
    #: The site's page, behind the masthead.
    home_url: str
    #: Comments policy; empty where there is none.
    policy_url: str
    cadence: str
    #: Local wall clock `2026-11-23T07:00` in `timezone`.
    slot: str
    #: IANA name.
    timezone: str
    #: The slot as an instant.
    due_at: datetime
    number: int
    language: str
    #: The pool: posts with `since_seq < seq <= cut_seq`, wide enough for the reader who is
    #: furthest behind.
    since_seq: int
    #: Where the window of most readers starts: the cut of the previous edition.
    last_cut_seq: int
    cut_seq: int
    #: Sections, in this order.
    categories: tuple[str, ...]
    max_posts_per_category: int
    stories: tuple[Story, ...]
    omitted: tuple[Omission, ...]
    intro: tuple[str, ...]
    editor: str
    #: What most readers got as the subject of the previous edition; empty before the first.
    last_subject: str = ""


# --- letter -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One category as a variant prints it."""

    name: str
    stories: tuple[Story, ...]
    #: Left out by the cap; listed by title on the web view.
    more: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one group of readers gets of an edition."""

    #: Hash of the stories shown with their trims, the language and the text size.
    key: str
    subject: str
    preheader: str
    #: Above the sections, and not in them; None where no story is promoted.
    lead: Story | None
    sections: tuple[Section, ...]
    #: Three to five, most comments first; empty where there are fewer.
    most_discussed: tuple[Story, ...]
    #: Stories shown, `more` not counted.
    count: int
    language: str
    #: `normal` or `large`.
    text_size: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault that `check` found in a letter."""

    #: Stable id such as `E05`.
    rule: str
    #: True: the edition is held. False: shown only.
    is_error: bool
    #: Where: a part of the mail, a link, a line.
    place: str
    text: str
    #: The story that alone causes it, and may be left out; 0: the whole mail.
    post_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What a message needs to know of the person it goes to."""

    subscriber_id: int
    #: Random and short; stands for the person in links.
    public_id: str
    address: str
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail to one person, ready for the wire."""

    message_id: str
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str
    #: Envelope recipient (RFC 5321 RCPT TO).
    recipient: str
    #: Whole message, CRLF line ends.
    content: bytes


# --- sender -------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """Where one reader's mail of one edition stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    HANDING = "handing"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class EditionState(StrEnum):
    """Where an edition stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One claimed row of the ledger."""

    id: int
    edition_id: int
    variant_id: int
    recipient: Recipient
    #: Not to be sent before; also the message's Date.
    not_before: datetime
    #: Tries made before this one.
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a mail server answered."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt made of a delivery."""

    state: DeliveryState
    reply: Reply | None
    #: Short code: `refused`, `expired`, `greylisted`, `suppressed`; empty for `sent`.
    reason: str = ""
    #: When to try again; for `deferred` only.
    next_at: datetime | None = None
    #: `host:port` that answered; empty where none did.
    relay: str = ""
