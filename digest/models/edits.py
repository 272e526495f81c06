"""The changes that editors made to a draft, kept so that they can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models.choices import Choice, Typed


class Step(StrEnum):
    """The way in which a draft is changed."""

    #: By new changes.
    EDIT = "edit"
    #: The last change is taken back.
    UNDO = "undo"
    #: The change that was taken back last is made again.
    REDO = "redo"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludedPost:
    """A post as it was before an editor included it."""

    post_id: int
    seq: int
    #: A `NotMailed`; empty if it is included now.
    reason: str
    first_seen_at: datetime
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedState:
    """The state that a change of a draft touches, before or after it."""

    #: By post id; None: no choice is stored.
    choices: tuple[tuple[int, Choice | None], ...] = ()
    #: None: the change touches no text of the edition.
    typed: Typed | None = None
    #: The posts that the change included, as they were; empty in the state after the change.
    included: tuple[IncludedPost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """One change of a draft."""

    id: int
    #: The draft's version after it was made, undone or done again.
    version: int
    at: datetime
    #: `Actor.name`.
    actor: str
    #: What it did, in a few words.
    what: str
    before: EditedState
    after: EditedState
    is_undone: bool
