"""A complete edition, with a reason for every choice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digest.models.masthead import Masthead
from digest.models.pictures import PictureFiles
from digest.models.polls import PollResults
from digest.models.posts import Comment, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something is in an edition or not: a stable code, and a text for editors."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A post of the window with its comments, from which the composer chooses."""

    post: Post
    comments: tuple[Comment, ...]
    #: Copies of its picture, for newsletters with `images` set to `serve` or `folder`.
    pictures: PictureFiles = PictureFiles()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The comment that a quote answers, shown above it."""

    name: str
    #: The first words of the comment, plain text.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A comment as printed below a story."""

    comment_id: int
    name: str
    text: str
    url: str
    reason: Reason
    #: The text below a story that is not at the top: whole sentences, about 180 characters. Empty:
    #: `text`.
    short: str = ""
    #: None if the quote is printed without the comment that it answers.
    answers: Answered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOmission:
    """A comment that is not quoted, and why. Its text is cut to one line."""

    comment_id: int
    name: str
    text: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoAt:
    """Another post about the same story."""

    post_id: int
    #: The feed's title, as printed after "also at".
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post as chosen for one edition, with all its printed content."""

    post_id: int
    #: Its number in the subscribers' windows: the post's own, that of the newest post about the
    #: same story, or a new one if an editor kept the post for the next edition.
    seq: int
    title: str
    url: str
    author: str
    published_at: datetime
    #: Newsletter categories, in the newsletter's order; at least one.
    categories: tuple[str, ...]
    #: Reading time in minutes; None if the feed has no full text.
    minutes: int | None
    #: Whole sentences; may be empty.
    excerpt: str
    #: Up to 75 words, for the top of the mail; equal to `excerpt` if the post has no more.
    lead_excerpt: str
    #: The small picture next to its title; empty: no picture there.
    image_url: str
    image_alt: str
    #: Responses without pingbacks and trackbacks.
    comment_count: int
    #: Best first. The first story of a section has `top_comments_lead` of them, because it may be
    #: at the top of a mail; any other has `top_comments_per_post`.
    quotes: tuple[Quote, ...]
    not_quoted: tuple[CommentOmission, ...]
    reason: Reason
    #: The picture at the top, 600 x 300 pixels; empty: no picture there. None: `image_url` in its
    #: original shape.
    lead_image_url: str | None = None
    #: In the order of their `seq`.
    also_at: tuple[AlsoAt, ...] = ()
    #: Why parts of it were left out because of findings; omitted quotes are in `not_quoted`.
    mended: tuple[Reason, ...] = ()
    #: False if no source gave a number of comments; a count of 0 then means unknown.
    is_count_known: bool = True
    #: Size in bytes of a picture on another server, as given in the feed; None if not given.
    image_bytes: int | None = None
    #: Responses that people wrote, by which it is ranked; None: all that `comment_count` counts.
    people_count: int | None = None
    #: The one of `categories` to which an editor moved it. Empty: the first that a subscriber has.
    section: str = ""

    def home_in(self, sections: Collection[str]) -> str | None:
        """Return the section in which it is printed; None if it is in none of them.

        Args:
            sections: the sections that a subscriber has, in the newsletter's order.
        """
        if self.section in sections:
            return self.section
        return next((name for name in sections if name in self.categories), None)

    @property
    def discussed(self) -> int:
        """Number of people's responses: spam and removed comments do not make it discussed."""
        return self.comment_count if self.people_count is None else self.people_count


#: The code of a post that an editor kept for the next edition.
NEXT_TIME = "next-time"
#: The code of a quote that an editor picked.
PICKED = "picked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """A post in the window that is not in the edition, and why."""

    post_id: int
    title: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One complete issue of a newsletter; later steps do not read the posts again.

    `stories` is the pool in rank order; a variant filters it by category and window, limits the
    number in each section and never ranks again.
    """

    newsletter: str
    cadence: str
    #: Local time in `timezone`, such as `2026-11-23T07:00`.
    slot: str
    #: IANA name.
    timezone: str
    #: The slot as an instant.
    due_at: datetime
    number: int
    language: str
    #: The pool has the posts with `since_seq < seq <= cut_seq`, which includes the window of the
    #: subscriber who is furthest behind.
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
    #: The answers to the previous edition's poll; None if it had none, or had too few answers.
    poll_results: PollResults | None = None
    #: Quotes below a story that is not at the top; an editor's picks are all printed.
    quotes_per_story: int = 2
    #: Subject and preheader that most subscribers got of the previous edition; empty before the
    #: first.
    last_subject: str = ""
    last_preheader: str = ""
    #: An editor's text, used if the lead is `typed_for`. Empty: written automatically.
    subject: str = ""
    preheader: str = ""
    #: Post id of the lead story when these were typed; 0: there was no lead.
    typed_for: int = 0
    #: When its first mail leaves; None: at `due_at`. It is not stored with the content, so that an
    #: approval does not depend on it.
    issued_at: datetime | None = None

    @property
    def dated_at(self) -> datetime:
        """The time whose day its mails print."""
        return self.issued_at or self.due_at

    @property
    def new_count(self) -> int:
        """Number of stories since the last edition: those in the mail of all categories.

        The mail counts a story that a section's limit leaves out too, as "and N more".
        """
        return sum(story.seq > self.last_cut_seq for story in self.stories)

    @property
    def older_count(self) -> int:
        """Number of stories that only subscribers get who missed an edition."""
        return len(self.stories) - self.new_count

    @property
    def kept_for_next(self) -> tuple[int, ...]:
        """Ids of the posts that an editor kept for the next edition."""
        return tuple(each.post_id for each in self.omitted if each.reason.code == NEXT_TIME)
