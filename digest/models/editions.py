"""An edition, complete, with a reason for every choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.masthead import Masthead
from digest.models.pictures import PictureFiles
from digest.models.posts import Comment, Post


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
    #: Made of its picture, for newsletters that show pictures from a place of their own.
    pictures: PictureFiles = PictureFiles()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The comment that a quote answers, shown above it."""

    name: str
    #: Its first words; plain text.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A subscriber's comment as printed."""

    comment_id: int
    name: str
    text: str
    url: str
    reason: Reason
    #: None where the quote stands on its own.
    answers: Answered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOmission:
    """A comment that is not quoted, and why. Its text is cut to a line for the explanation."""

    comment_id: int
    name: str
    text: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoAt:
    """Another post that tells the same story."""

    post_id: int
    #: The feed's title, as printed after "also at".
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post as chosen for one edition: all that is printed of it."""

    post_id: int
    #: Where it stands in the subscribers' windows: the post's own number, that of the newest post
    #: that tells the same, or one given when an editor kept it for the next time.
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
    #: Beside its title; empty: no picture there.
    image_url: str
    image_alt: str
    #: Responses without pingbacks and trackbacks.
    comment_count: int
    #: Best first, at most `top_comments_per_post`.
    quotes: tuple[Quote, ...]
    not_quoted: tuple[CommentOmission, ...]
    reason: Reason
    #: At the top, 600 x 300; empty: no picture there. None: `image_url`, in a shape of its own.
    lead_image_url: str | None = None
    #: In the order in which they were learned of.
    also_at: tuple[AlsoAt, ...] = ()
    #: Why parts of it were left out, for findings of their own; quotes are in `not_quoted`.
    mended: tuple[Reason, ...] = ()
    #: False: no source told of responses, so a count of 0 says nothing of the page.
    is_count_known: bool = True
    #: The size of a stranger's picture, as its feed tells it; None where it does not.
    image_bytes: int | None = None


#: The code of a post that an editor kept for the next edition.
NEXT_TIME = "next-time"


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
    cadence: str
    #: Local wall clock `2026-11-23T07:00` in `timezone`.
    slot: str
    #: IANA name.
    timezone: str
    #: The slot as an instant.
    due_at: datetime
    number: int
    language: str
    #: The pool: posts with `since_seq < seq <= cut_seq`, wide enough for the subscriber who is
    #: furthest behind.
    since_seq: int
    #: Where the window of most subscribers starts: the cut of the previous edition.
    last_cut_seq: int
    cut_seq: int
    #: Sections, in this order.
    categories: tuple[str, ...]
    max_posts_per_category: int
    stories: tuple[Story, ...]
    omitted: tuple[Omission, ...]
    masthead: Masthead
    #: What most subscribers got as the lines of the previous edition; empty before the first.
    last_subject: str = ""
    last_preheader: str = ""
    #: As an editor typed them; they serve where the lead is `typed_for`. Empty: written by rule.
    subject: str = ""
    preheader: str = ""
    #: Post id of the lead when they were typed; 0: none was.
    typed_for: int = 0

    @property
    def kept_for_next(self) -> tuple[int, ...]:
        """Ids of the posts that an editor kept for the next edition."""
        return tuple(each.post_id for each in self.omitted if each.reason.code == NEXT_TIME)
