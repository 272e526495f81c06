"""What an editor decides of posts, and types for one edition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an editor decided of one post for one newsletter; it outlives every draft."""

    #: Place among those in front, from 1; 0: not pinned.
    pinned: int = 0
    #: Never in an edition.
    is_dropped: bool = False
    #: The edition that goes without it, as `cadence/slot`; it comes with the next. Empty: none.
    skips: str = ""
    #: In place of the feed's words; None: those of the feed.
    title: str | None = None
    excerpt: str | None = None
    image_alt: str | None = None
    #: Ids of the comments to quote, in this order; None: chosen by rule.
    quotes: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What an editor typed for one edition; it survives a refresh of its draft."""

    #: Both empty where they are written by rule.
    subject: str = ""
    preheader: str = ""
    #: Post id of the story in front when they were typed; 0: none was.
    typed_for: int = 0
    #: None: the newsletter's own.
    intro: tuple[str, ...] | None = None
