"""The content of the compose page, as values for its template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import Poll, PollResults, Shown
from digest.newsroom.desk.rows import EditionHead


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """One story in the list."""

    post_id: int
    title: str
    url: str
    excerpt: str
    section: str
    #: Its place in its section below the top story, from 1; 0 for the top story.
    place: int
    #: Why it is here, for an editor.
    reason: str
    comment_count: int
    quote_count: int
    is_pinned: bool
    #: Whether an editor gave it its place.
    is_placed: bool
    #: Whether an editor moved it to another section.
    is_moved: bool
    #: Whether an editor changed one of its texts.
    is_reworded: bool
    #: What most subscribers get of it because of the section's limit: `whole`, `title`, or `more`
    #: (under "and N more").
    form: str
    #: Why parts of it were left out by a check.
    mended: tuple[str, ...]
    #: What its buttons send to move it one up, one down, and to the first place; empty: no button.
    up: str
    down: str
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRows:
    """One section with its stories, without the top story if that stands alone."""

    name: str
    rows: tuple[StoryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """One post that the edition does not show."""

    post_id: int
    title: str
    reason: str
    #: Title of its feed; may be empty.
    feed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGroup:
    """The unused posts that are out for one reason."""

    #: The code of the reason.
    code: str
    label: str
    total: int
    rows: tuple[PoolRow, ...]
    #: What brings one in: `include`, `unmark`, `pin`, `section`; empty if nothing does.
    way: str
    #: The words of its button.
    button: str
    #: The page of this list that is shown, from 1, and the number of pages.
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The length of a text, and what is wrong with it."""

    characters: int
    words: int
    #: In words for the editor; empty if it can be printed.
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField:
    """A text of a story that can be edited."""

    #: A `PostText`.
    name: str
    label: str
    text: str
    #: The feed's text.
    automatic: str
    is_own: bool
    count: Count
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """A comment below a story."""

    id: int
    #: As printed; may be empty.
    name: str
    #: The whole text.
    text: str
    #: As quoted now, shortened or not; empty if it is not quoted.
    printed: str
    posted_at: datetime | None
    url: str
    #: Why it is quoted or not, in plain words.
    reason: str
    #: `quoted`, `free`, `held`, `refused` or `out`: what can be done with it.
    state: str
    is_trimmed: bool
    #: Whether an editor released it.
    is_released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStory:
    """A story with its texts and its comments."""

    row: StoryRow
    texts: tuple[TextField, ...]
    quoted: tuple[CommentRow, ...]
    #: First those that can be picked, then held ones, then the others.
    others: tuple[CommentRow, ...]
    #: Whether an editor picked the quotes.
    is_picked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionTexts:
    """The texts of an edition, and how an inbox shows it."""

    sender: str
    #: As most subscribers get them.
    subject: str
    preheader: str
    #: As typed; empty: automatic.
    typed_subject: str
    typed_preheader: str
    #: The title of the story that they were typed for; empty if they are in use.
    waits_for: str
    #: Paragraphs.
    intro: tuple[str, ...]
    is_own_intro: bool
    poll: Poll | None
    is_own_poll: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposePage:
    """A draft for its editor."""

    head: EditionHead
    version: int
    #: Whether it can still be changed.
    is_open: bool
    is_approved: bool
    #: The story above the sections; None if none stands alone.
    lead: StoryRow | None
    sections: tuple[SectionRows, ...]
    #: All sections of the newsletter.
    section_names: tuple[str, ...]
    #: Stories that only subscribers see who missed an edition.
    missed: tuple[StoryRow, ...]
    pool: tuple[PoolGroup, ...]
    pool_total: int
    #: Posts that became known since the draft was composed.
    newer: int
    texts: EditionTexts
    #: The answers to the last poll so far; None if there was none.
    results: PollResults | None
    #: Whether the edition prints them.
    prints_results: bool
    #: The change that is undone, or done again, next; empty if there is none.
    undo: str
    redo: str
    opened: OpenedStory | None
    shown: Shown

    @property
    def story_count(self) -> int:
        """The number of stories that are new in this edition."""
        return sum(len(each.rows) for each in self.sections) + (self.lead is not None)
