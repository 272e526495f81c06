"""The shapes of a draft: what it has, what is out, and the changes of an editor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from digest.models import (
    NO_POLL,
    EditorChanges,
    Move,
    Poll,
    PostText,
    Quoting,
    Rewrite,
    Trim,
)
from digest.newsroom.composing.page import ComposePage
from digest.web.api.shapes.base import Line, Name, Shape, Text, Wanted

PostId = Annotated[int, Field(ge=1, lt=2**31)]
PostIds = Annotated[list[PostId], Field(max_length=200)]


class Story(Shape):
    """One story of a draft."""

    post_id: int
    title: str
    url: str
    excerpt: str
    section: str
    place: int
    """Its place in its section below the top story, from 1; 0 for the top story."""
    reason: str
    """The reason why it is here."""
    comment_count: int
    quote_count: int
    is_pinned: bool
    is_placed: bool
    is_moved: bool
    is_reworded: bool
    form: str
    """The part that most subscribers get: `whole`, `title`, or `more`."""


class Section(Shape):
    """One section with its stories."""

    name: str
    stories: list[Story]


class Unused(Shape):
    """One post that the draft does not show."""

    post_id: int
    title: str
    reason: str
    feed: str


class UnusedGroup(Shape):
    """The unused posts that are out for one reason."""

    code: str
    label: str
    total: int
    way: str
    """The change that brings one in: `include`, `unmark`, `pin`, `section`; empty if none does."""
    page: int
    pages: int
    posts: list[Unused]


class PollShape(Shape):
    """A question to the subscribers."""

    question: str
    choices: list[str]
    note: str


class Texts(Shape):
    """The texts of an edition."""

    sender: str
    subject: str
    preheader: str
    typed_subject: str
    """As typed; empty: automatic."""
    typed_preheader: str
    intro: list[str]
    """Paragraphs."""
    is_own_intro: bool
    poll: PollShape | None
    is_own_poll: bool


class Choices(Shape):
    """A draft for its editor."""

    edition_id: int
    version: int
    """Send it with each change, so that a change made meanwhile is not overwritten."""
    is_open: bool
    """Whether it can still be changed."""
    is_approved: bool
    lead: Story | None
    sections: list[Section]
    missed: list[Story]
    """Stories that only subscribers see who missed an edition."""
    unused: list[UnusedGroup]
    unused_total: int
    newer: int
    """Posts that became known since the draft was composed; `refresh` brings them."""
    texts: Texts
    undo: str
    """The change that `undo` takes back; empty if there is none."""
    redo: str

    @classmethod
    def of_page(cls, page: ComposePage) -> Choices:
        """Return the shape of a compose page."""
        return cls.of(
            page,
            edition_id=page.head.id,
            sections=[Section.of(each, stories=each.rows) for each in page.sections],
            unused=[UnusedGroup.of(each, posts=each.rows) for each in page.pool],
            unused_total=page.pool_total,
        )


class NewPoll(Wanted):
    """A question to the subscribers; an empty one asks nothing."""

    question: Line = ""
    choices: list[Name] = Field(default=[], max_length=10)
    note: Line = ""


class WantedMove(Wanted):
    """A post that gets another section or place."""

    post_id: PostId
    section: Name = ""
    """Empty: it stays in its section."""
    place: int = Field(default=0, ge=0, lt=10_000)
    """From 1, below the top story; 0: by rank."""


class WantedText(Wanted):
    """A text of a story that is replaced."""

    post_id: PostId
    what: PostText
    text: Text | None
    """Null: the feed's text again."""


class WantedQuotes(Wanted):
    """The comments to quote below a story."""

    post_id: PostId
    comment_ids: PostIds | None
    """In this order; null: chosen automatically again."""


class WantedTrim(Wanted):
    """A quote that is shortened."""

    post_id: PostId
    comment_id: PostId
    text: Text
    """Parts of the comment, in its order, with `…` for what is left out. Empty: automatic."""


class Change(Wanted):
    """A change of a draft; a field that is left out changes nothing."""

    version: int = Field(ge=0, lt=2**31)
    """The version of the draft that the editor saw."""
    pin: PostIds = Field(default=[])
    drop: PostIds = Field(default=[])
    """Never include these posts."""
    next_time: PostIds = Field(default=[])
    reset: PostIds = Field(default=[])
    unmark: PostIds = Field(default=[])
    """Take back pin, drop and place; texts and quotes stay."""
    lead: PostIds = Field(default=[])
    move: list[WantedMove] = Field(default=[], max_length=200)
    include: PostIds = Field(default=[])
    """Mail posts that were kept without being mailed."""
    rewrite: list[WantedText] = Field(default=[], max_length=200)
    quote: list[WantedQuotes] = Field(default=[], max_length=200)
    trim: list[WantedTrim] = Field(default=[], max_length=200)
    subject: Line | None = None
    """Empty: written automatically again."""
    preheader: Line | None = None
    intro: list[Text] | None = Field(default=None, max_length=50)
    """Paragraphs; an empty list: the newsletter's intro again."""
    poll: NewPoll | None = None
    resets_poll: bool = False

    def changes(self) -> EditorChanges:
        """Return the changes for the use case."""
        return EditorChanges(
            pin=tuple(self.pin),
            drop=tuple(self.drop),
            next_time=tuple(self.next_time),
            reset=tuple(self.reset),
            unmark=tuple(self.unmark),
            lead=tuple(self.lead),
            move=tuple(Move(**each.model_dump()) for each in self.move),
            include=tuple(self.include),
            rewrite=tuple(
                Rewrite(post_id=each.post_id, what=each.what, text=each.text)
                for each in self.rewrite
            ),
            quote=tuple(
                Quoting(
                    post_id=each.post_id,
                    comment_ids=None if each.comment_ids is None else tuple(each.comment_ids),
                )
                for each in self.quote
            ),
            trim=tuple(Trim(**each.model_dump()) for each in self.trim),
            subject=self.subject,
            preheader=self.preheader,
            intro=None if self.intro is None else tuple(self.intro),
            poll=self._poll(),
            resets_poll=self.resets_poll,
        )

    def _poll(self) -> Poll | None:
        if self.poll is None:
            return None
        if not self.poll.question.strip():
            return NO_POLL
        return Poll(
            question=self.poll.question, choices=tuple(self.poll.choices), note=self.poll.note
        )


class Seen(Wanted):
    """The version of the draft that the editor saw."""

    version: int = Field(ge=0, lt=2**31)


class Changed(Shape):
    """A draft after a change."""

    edition: int
    version: int
    said: str
    """The result, in one line."""
