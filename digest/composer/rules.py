"""What a newsletter wants of an edition, and which issue is being made: the composer's inputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models import Masthead


class ImageMode(StrEnum):
    """How pictures of posts reach the subscriber."""

    #: From where the post has it.
    HOTLINK = "hotlink"
    #: Made smaller, from our own web pages.
    SERVE = "serve"
    #: Made smaller, from a folder that the operator publishes.
    FOLDER = "folder"
    NONE = "none"

    @property
    def is_own(self) -> bool:
        """Whether pictures come from a place of the newsletter's own."""
        return self in {ImageMode.SERVE, ImageMode.FOLDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A newsletter's own additions to the comments policy that everybody gets."""

    #: Names of commenters who asked not to be quoted; case and spaces do not matter.
    no_quote: tuple[str, ...] = ()
    #: Words or phrases that keep a comment out, beside the built-in lists.
    blocked_words: tuple[str, ...] = ()
    #: Whether the first comment under a name waits for an editor.
    holds_first_timers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that the composer needs to know of a newsletter and one of its cadences."""

    newsletter: str
    masthead: Masthead
    cadence: str
    #: IANA name.
    timezone: str
    #: BCP 47 tag.
    language: str
    #: Sections, in this order.
    categories: tuple[str, ...]
    #: Subscribers without a cadence, or with one that is not known, belong to the first.
    is_first_cadence: bool = True
    other_cadences: tuple[str, ...] = ()
    max_posts_per_category: int = 5
    #: Of one author, or one feed, so many stand in a section before others do; 0: no matter.
    max_posts_per_author: int = 0
    max_posts_per_feed: int = 0
    top_comments_per_post: int = 2
    #: Fewer stories than this make no edition.
    min_posts: int = 1
    images: ImageMode = ImageMode.HOTLINK
    #: Where our own pictures are, without a slash at the end; for `serve` and `folder`.
    images_url: str = ""
    #: Whether pictures may come by plain http, as they do while a site is built.
    allow_http_images: bool = False
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Which edition is being made: its place in the calendar, and the window it closes."""

    #: Local wall clock `2026-11-23T07:00` in the newsletter's zone.
    slot: str
    #: The slot as an instant.
    due_at: datetime
    number: int
    #: The pool: posts with `since_seq < seq <= cut_seq`.
    since_seq: int
    #: Posts after it are new to most subscribers: the cut of the previous edition.
    last_cut_seq: int
    cut_seq: int
    #: Subject of the previous edition; empty before the first.
    last_subject: str = ""
    #: And its preheader.
    last_preheader: str = ""

    def name_for(self, cadence: str) -> str:
        """Give the name by which an editor's choice knows the edition."""
        return f"{cadence}/{self.slot}"
