"""An editor's decisions about posts and texts for one edition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.models.masthead import Poll


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An editor's decisions about one post for one newsletter; they apply to every later draft."""

    #: Position among the pinned posts, from 1, or below 0 if promoted before them; 0: not pinned.
    pinned: int = 0
    #: Place in its section below the top story, from 1; 0: by rank. Never together with `pinned`.
    place: int = 0
    #: The section that it was moved to; empty: by its categories.
    section: str = ""
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
    #: Shortened texts of quoted comments, each with the comment's id.
    trims: tuple[tuple[int, str], ...] = ()


class PostText(StrEnum):
    """A text of a story that an editor can replace; the name is that of the field of `Choice`."""

    TITLE = "title"
    EXCERPT = "excerpt"
    ALT = "image_alt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An editor's texts for one edition; they are kept when its draft is composed again."""

    #: Subject and preheader; empty: written automatically.
    subject: str = ""
    preheader: str = ""
    #: Post id of the lead story when these were typed; 0: there was no lead. `NEXT_LEAD`: the lead
    #: of the draft that is composed next.
    typed_for: int = 0
    #: Paragraphs; None: the newsletter's intro.
    intro: tuple[str, ...] | None = None
    #: None: the newsletter's poll; one without a question: no poll.
    poll: Poll | None = None


#: `Typed.typed_for` until the draft is composed.
NEXT_LEAD = -1
#: An edition that asks nothing.
NO_POLL = Poll(question="", choices=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A post that gets another section or place."""

    post_id: int
    #: Empty: it stays in its section.
    section: str = ""
    #: From 1, below the top story; 0: by rank.
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A text of a story that is replaced."""

    post_id: int
    what: PostText
    #: None: the feed's text again.
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoting:
    """The comments to quote below a story."""

    post_id: int
    #: In this order; None: chosen automatically again.
    comment_ids: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """A quote that is shortened."""

    post_id: int
    comment_id: int
    #: Parts of the comment, in its order, with `…` for what is left out. Empty: the automatic text.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorChanges:
    """Changes to an edition; empty and None change nothing, unless a field says otherwise."""

    #: Post ids: to pin, in this order; never to include; to leave to the next edition; to reset.
    pin: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()
    next_time: tuple[int, ...] = ()
    reset: tuple[int, ...] = ()
    #: Post ids whose pin, drop, place and so on are taken back; texts and quotes stay.
    unmark: tuple[int, ...] = ()
    #: Post ids to pin before all others, the first one at the top.
    lead: tuple[int, ...] = ()
    move: tuple[Move, ...] = ()
    #: Ids of posts that intake kept without mailing them, to be mailed as new ones.
    include: tuple[int, ...] = ()
    rewrite: tuple[Rewrite, ...] = ()
    quote: tuple[Quoting, ...] = ()
    trim: tuple[Trim, ...] = ()
    #: Empty: written automatically again.
    subject: str | None = None
    preheader: str | None = None
    #: Paragraphs; empty: the newsletter's intro again.
    intro: tuple[str, ...] | None = None
    #: `NO_POLL`: the edition asks nothing.
    poll: Poll | None = None
    #: Whether the newsletter's poll is asked again.
    resets_poll: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is a change."""
        return self != EditorChanges()

    @property
    def placed(self) -> tuple[int, ...]:
        """The ids of the posts that are pinned, dropped, moved and so on."""
        moved = tuple(each.post_id for each in self.move)
        return (
            *self.lead,
            *self.pin,
            *self.drop,
            *self.next_time,
            *self.reset,
            *self.unmark,
            *moved,
        )

    @property
    def posts(self) -> tuple[int, ...]:
        """The ids of all posts with a choice in these changes; an id may come twice."""
        worded = (
            *(each.post_id for each in self.rewrite),
            *(each.post_id for each in self.quote),
            *(each.post_id for each in self.trim),
        )
        return (*self.placed, *worded)

    @property
    def has_texts(self) -> bool:
        """Whether a text of the edition itself changes."""
        texts = (self.subject, self.preheader, self.intro, self.poll)
        return self.resets_poll or any(text is not None for text in texts)
