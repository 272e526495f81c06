"""The shapes of comments below a story, of an editor's choices, and of people never quoted."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from digest.models import How
from digest.newsroom.composing.page import ComposePage
from digest.newsroom.composing.rows import OpenedStory
from digest.web.api.shapes.base import Name, Newsletter, Shape, Wanted


class StoryComment(Shape):
    """One comment below a story."""

    id: int
    name: str
    """As printed; may be empty."""
    text: str
    """The whole text."""
    printed: str
    """As quoted now, shortened or not; empty if it is not quoted."""
    posted_at: datetime | None
    url: str
    state: str
    """`quoted`; `free`: can be picked; `held`: can be released; `refused` by an editor; `out`."""
    reason: str
    """The reason why it is quoted or not, in plain words."""
    is_trimmed: bool
    is_released: bool
    """Whether an editor released it."""


class StoryComments(Shape):
    """All comments below a story of an edition."""

    edition_id: int
    post_id: int
    version: int
    """Send it with a pick, so that a change made meanwhile is not overwritten."""
    is_open: bool
    """Whether the draft can still be changed."""
    is_picked: bool
    """Whether an editor picked the quotes; otherwise the rules did."""
    comments: list[StoryComment]
    """Quoted ones in their order, then those that can be picked, held ones, and the others."""

    @classmethod
    def of_story(cls, page: ComposePage, opened: OpenedStory) -> StoryComments:
        """Return the shape of a story that is opened on the compose page."""
        return cls(
            edition_id=page.head.id,
            post_id=opened.row.post_id,
            version=page.version,
            is_open=page.is_open,
            is_picked=opened.is_picked,
            comments=list(map(StoryComment.of, (*opened.quoted, *opened.others))),
        )


class Pick(Wanted):
    """A choice about one comment; the other quotes stay, in their order."""

    version: int = Field(ge=0, lt=2**31)
    """The version of the draft that the editor saw."""
    how: How
    """`add` after the others, `remove`, `up` by one place, `swap`, or `reset`: by rule again."""
    instead_of: int = Field(default=0, ge=0, lt=2**31)
    """For `swap`: the quoted comment whose place it takes."""


class NeverQuotedPerson(Shape):
    """A person who is never quoted."""

    name: str
    """As the site shows it."""
    newsletter: str
    """Empty: in no newsletter."""
    added_at: datetime | None
    """Null if `policy.no_quote` of the configuration file has the name."""
    added_by: str
    """Who added the name; empty if the configuration file has it."""


class NeverQuoted(Shape):
    """The people who are never quoted."""

    people: list[NeverQuotedPerson]


class Person(Wanted):
    """A person by name, never to be quoted or to be quoted again."""

    name: Name
    """As the site shows it; case and spaces do not matter."""
    newsletter: Newsletter = ""
    """Empty: all newsletters."""


class Excluded(Shape):
    """The drafts that changed because a person is never quoted."""

    changed: list[int]
    """Ids of the drafts that quoted the person."""
    void: list[int]
    """Ids of those whose approval is void now."""
