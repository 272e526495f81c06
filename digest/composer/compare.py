"""Compares two editions and lists the changes for an editor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from digest.composer.selection.rank import is_pinned
from digest.models import Edition, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A story with a changed position, counted from 1 among the stories of both editions."""

    post_id: int
    title: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A changed part of a story."""

    post_id: int
    title: str
    #: The part: `title`, `excerpt`, `quotes`, `image`, `image alt`, `sections`, `pinned` or
    #: `also at`.
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences between two editions."""

    came: tuple[Story, ...]
    went: tuple[Story, ...]
    moved: tuple[Move, ...]
    changed: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        """Whether both editions have the same content in the same order."""
        return not (self.came or self.went or self.moved or self.changed)


def compare(before: Edition, after: Edition) -> Comparison:
    """Return the differences: stories added, removed, moved or changed in `after`."""
    old = {story.post_id: story for story in before.stories}
    new = {story.post_id: story for story in after.stories}
    return Comparison(
        came=tuple(story for story in after.stories if story.post_id not in old),
        went=tuple(story for story in before.stories if story.post_id not in new),
        moved=tuple(_moves(before, after)),
        changed=tuple(
            change
            for key, story in new.items()
            if key in old
            for change in _changes(old[key], story)
        ),
    )


def _moves(before: Edition, after: Edition) -> Iterable[Move]:
    """Return the stories outside the longest runs that both orders share.

    Only stories of both editions count, so that an added or removed story moves no other.
    """
    both = {s.post_id for s in before.stories} & {s.post_id for s in after.stories}
    old = [story.post_id for story in before.stories if story.post_id in both]
    kept = [story for story in after.stories if story.post_id in both]
    new = [story.post_id for story in kept]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {post_id for block in blocks for post_id in new[block.b : block.b + block.size]}
    for place, story in enumerate(kept, 1):
        if story.post_id not in stayed:
            yield Move(
                post_id=story.post_id,
                title=story.title,
                before=old.index(story.post_id) + 1,
                after=place,
            )


def _changes(before: Story, after: Story) -> Iterable[Change]:
    for what, old, new in (
        ("title", before.title, after.title),
        ("excerpt", before.excerpt, after.excerpt),
        ("quotes", _quotes(before), _quotes(after)),
        ("image", _image(before), _image(after)),
        ("image alt", before.image_alt, after.image_alt),
        ("sections", ", ".join(before.categories), ", ".join(after.categories)),
        ("pinned", _pin(before), _pin(after)),
        ("also at", _also_at(before), _also_at(after)),
    ):
        if old != new:
            yield Change(post_id=after.post_id, title=after.title, what=what, before=old, after=new)


def _image(story: Story) -> str:
    return story.image_url or story.lead_image_url or ""


def _pin(story: Story) -> str:
    return "pinned by an editor" if is_pinned(story) else ""


def _also_at(story: Story) -> str:
    return ", ".join(place.name for place in story.also_at)


def _quotes(story: Story) -> str:
    return " / ".join(f"{quote.name}: {quote.text}" for quote in story.quotes)
