"""The parts of stored posts and comments that the next reading needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.parsed import CommentKind, ParsedComment, SourceKind, Validators

#: After this number of failures in a row, a source is fetched less often, and another source may
#: replace its comments.
GIVEN_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A stored post under one of its identities, with the fields that intake needs."""

    post_id: int
    #: Its identifier and link key in one of the feeds that contain it.
    guid: str
    url_key: str
    content_hash: str
    #: Whether this identity is from the feed being read.
    is_of_feed: bool
    #: Whether the feed being read was the first with this post; only that feed may change it.
    is_owner: bool
    #: URL and title as last read.
    url: str = ""
    title: str = ""
    #: Its text, else its summary.
    html: str = ""
    #: None if the feed gave no usable date.
    published_at: datetime | None = None
    #: None if not read from the database.
    first_seen_at: datetime | None = None
    #: False for a post that is kept without being mailed, such as the backlog.
    is_mailable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """The earlier reads of a feed, with the fields that decide which of its posts are late."""

    #: When its document was last received; None if never.
    read_at: datetime | None = None
    #: The date of the newest post known of it; None if there is none.
    newest_at: datetime | None = None
    #: Number of its late posts stored in the last days, mailed or not.
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnvisitedPost:
    """A post whose page was not read yet, with the fields to decide whether to read it."""

    id: int
    url: str
    title: str
    summary_html: str
    content_html: str
    has_image: bool
    #: Whether the feed gave a comment feed for it.
    has_comment_feed: bool
    #: Number of comments as given in the feed; None if not given.
    count: int | None
    #: Number of stored comments.
    known_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSource:
    """One stored source of the comments of one post."""

    id: int
    post_id: int
    kind: SourceKind
    url: str
    #: URL of the post's feed, as configured.
    feed_url: str
    validators: Validators
    #: Number of comments as given in the post's feed; None if not given.
    count: int | None
    #: When it was last fetched; None if never.
    checked_at: datetime | None = None
    #: Number of failures in a row.
    failures: int = 0
    #: Whether the last reading gave the complete list.
    is_complete: bool = False
    #: Whether comments from this source are stored.
    has_comments: bool = False
    #: When the post was first seen; None if not read from the database.
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownComment:
    """A stored comment, with the fields that another reading needs."""

    external_id: str
    kind: CommentKind
    #: The source that it belongs to: the most trusted one that gave it.
    source_id: int
    source_kind: SourceKind
    #: Number of failures in a row of that source.
    source_failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChanges:
    """The changes that one reading makes to the stored comments."""

    #: Comments to store as belonging to the source.
    own: tuple[ParsedComment, ...]
    #: `external_id`s of comments to delete.
    gone: frozenset[str]
    #: Number of comments in `own` that were not known before.
    new: int
    #: `external_id`s of comments of better sources, each with that of the comment it answers; they
    #: are stored where the better source names none.
    threads: tuple[tuple[str, str], ...] = ()
