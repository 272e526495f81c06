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


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorChanges:
    """What is to change; what is not named stays as it is."""

    #: Post ids: to the front in this order, out for ever, out this time, as if nothing was said.
    pin: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()
    next_time: tuple[int, ...] = ()
    reset: tuple[int, ...] = ()
    #: Empty: written by rule again.
    subject: str | None = None
    preheader: str | None = None
    #: Paragraphs; empty: the newsletter's own again.
    intro: tuple[str, ...] | None = None

    @property
    def is_any(self) -> bool:
        """Whether anything is to change."""
        return self != EditorChanges()

    @property
    def posts(self) -> tuple[int, ...]:
        """Every post that is named."""
        return (*self.pin, *self.drop, *self.next_time, *self.reset)
