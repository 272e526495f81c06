"""What is stored already, as far as reading it again needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.parsed import CommentKind, ParsedComment, SourceKind, Validators

#: A source that failed so many times in a row is asked less often, and owns nothing any more.
GIVEN_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A stored post under one of its identities, as far as intake needs it."""

    post_id: int
    #: Its identifier and link key in one of the feeds that carry it.
    guid: str
    url_key: str
    content_hash: str
    #: Whether that identity is in the feed being read.
    is_of_feed: bool
    #: Whether the feed being read brought the post first; only that one may change it.
    is_owner: bool
    #: As last read.
    url: str = ""
    title: str = ""
    #: Its text, else its summary.
    html: str = ""
    #: None where no date of its own is known.
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnvisitedPost:
    """A post whose own page was not read yet, as far as the decision needs it."""

    id: int
    url: str
    title: str
    summary_html: str
    content_html: str
    has_image: bool
    #: Whether the feed named a comment feed of it.
    has_comment_feed: bool
    #: What the feed counts; None where it does not.
    count: int | None
    #: Comments stored.
    known_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSource:
    """One place where the comments of one post are read, as stored."""

    id: int
    post_id: int
    kind: SourceKind
    url: str
    #: The post's feed, as configured.
    feed_url: str
    validators: Validators
    #: What the post's feed counts; None where it does not.
    count: int | None
    #: None: never asked.
    checked_at: datetime | None = None
    #: In a row.
    failures: int = 0
    #: Whether the last reading gave the whole list.
    is_complete: bool = False
    #: Whether comments are stored that it gave.
    has_comments: bool = False
    #: When the post was.
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownComment:
    """A stored comment, as far as another reading needs it."""

    external_id: str
    kind: CommentKind
    #: Who gave it, of those that are believed most.
    source_id: int
    source_kind: SourceKind
    #: Failures in a row of that source.
    source_failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChanges:
    """What a reading changes in what is stored."""

    #: To be stored as listed, as the source's own.
    own: tuple[ParsedComment, ...]
    #: `external_id`s of comments that are there no more.
    gone: frozenset[str]
    #: How many of `own` were not known before.
    new: int
