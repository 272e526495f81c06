"""An editor's decisions about posts and texts for one edition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An editor's decisions about one post for one newsletter; they apply to every later draft."""

    #: Position among the pinned posts, from 1; 0: not pinned.
    pinned: int = 0
    #: True if the post is never included in an edition.
    is_dropped: bool = False
    #: The edition that leaves the post to the next one, as `cadence/slot`. Empty: none.
    skips: str = ""
    #: Replaces the feed's text; None: the feed's text is used. The same for the next two.
    title: str | None = None
    excerpt: str | None = None
    image_alt: str | None = None
    #: Ids of the comments to quote, in this order; None: chosen automatically.
    quotes: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An editor's texts for one edition; they are kept when its draft is composed again."""

    #: Subject and preheader; empty: written automatically.
    subject: str = ""
    preheader: str = ""
    #: Post id of the lead story when these were typed; 0: there was no lead.
    typed_for: int = 0
    #: Paragraphs; None: the newsletter's intro.
    intro: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorChanges:
    """Changes to an edition; empty and None change nothing, unless a field says otherwise."""

    #: Post ids: to pin, in this order; never to include; to leave to the next edition; to reset.
    pin: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()
    next_time: tuple[int, ...] = ()
    reset: tuple[int, ...] = ()
    #: Ids of posts that intake kept without mailing them, to be mailed as new ones.
    include: tuple[int, ...] = ()
    #: Empty: written automatically again.
    subject: str | None = None
    preheader: str | None = None
    #: Paragraphs; empty: the newsletter's intro again.
    intro: tuple[str, ...] | None = None

    @property
    def is_any(self) -> bool:
        """Whether there is a change."""
        return self != EditorChanges()

    @property
    def posts(self) -> tuple[int, ...]:
        """The ids of all posts with a choice in these changes."""
        return (*self.pin, *self.drop, *self.next_time, *self.reset)
