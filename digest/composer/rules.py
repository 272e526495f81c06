"""The composer's inputs: a newsletter's rules and the issue to compose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models import AskedPoll, Civility, Masthead


class ImageMode(StrEnum):
    """The ways in which the mail shows the pictures of posts."""

    #: From the address in the post.
    HOTLINK = "hotlink"
    #: As a small copy, from our own web pages.
    SERVE = "serve"
    #: As a small copy, from a folder that the operator publishes.
    FOLDER = "folder"
    NONE = "none"

    @property
    def is_own(self) -> bool:
        """Whether pictures are the newsletter's own copies."""
        return self in {ImageMode.SERVE, ImageMode.FOLDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A newsletter's additions to the built-in comments policy."""

    #: Names of commenters who asked not to be quoted; case and spaces do not matter.
    no_quote: tuple[str, ...] = ()
    #: Words or phrases that exclude a comment, in addition to the built-in lists.
    blocked_words: tuple[str, ...] = ()
    #: Whether the first comment under a name is held for an editor.
    holds_first_timers: bool = False
    #: How strictly the tone is judged.
    civility: Civility = Civility.NORMAL
    #: The judge whose verdict a comment needs as well; empty: none.
    judge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The composer's settings for a newsletter and one of its cadences."""

    newsletter: str
    masthead: Masthead
    cadence: str
    #: IANA name.
    timezone: str
    #: BCP 47 tag.
    language: str
    #: The sections, in their order.
    categories: tuple[str, ...]
    #: Whether this is the first cadence: subscribers without a known cadence belong to it.
    is_first_cadence: bool = True
    other_cadences: tuple[str, ...] = ()
    max_posts_per_category: int = 5
    #: Stories of one author, or one feed, that a section shows before others; 0 for no limit.
    max_posts_per_author: int = 0
    max_posts_per_feed: int = 0
    #: Quotes below a story, and below the one at the top.
    top_comments_per_post: int = 1
    top_comments_lead: int = 2
    #: Fewer stories than this make no edition.
    min_posts: int = 1
    images: ImageMode = ImageMode.HOTLINK
    #: The base address of our own pictures for `serve` and `folder`, without a trailing slash.
    images_url: str = ""
    #: Whether pictures may use plain http, as on a development site.
    allow_http_images: bool = False
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """The edition to compose: its number, slot and window."""

    #: Local date and time in the newsletter's zone, such as `2026-11-23T07:00`.
    slot: str
    #: The slot as an instant; aware, in UTC.
    due_at: datetime
    number: int
    #: The candidates are posts with `since_seq < seq <= cut_seq`.
    since_seq: int
    #: The cut of the previous edition; later posts are new to most subscribers.
    last_cut_seq: int
    cut_seq: int
    #: Subject of the previous edition; empty before the first.
    last_subject: str = ""
    #: Preheader of the previous edition; empty before the first.
    last_preheader: str = ""
    #: The last poll that mails of the cadence had; None if they had none.
    last_poll: AskedPoll | None = None

    def name_for(self, cadence: str) -> str:
        """Return the name of the edition in an editor's choice."""
        return f"{cadence}/{self.slot}"
