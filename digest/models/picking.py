"""The acts of an editor on the compose page, apart from the changes of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The opened parts of the page; from its address."""

    #: The post whose texts and comments are opened; None: none.
    post_id: int | None = None
    #: The reason whose unused posts are all listed; empty: some of each.
    group: str = ""
    #: The page of that list, from 1.
    page: int = 1
    #: Words in the titles of unused posts; empty: all.
    find: str = ""


class How(StrEnum):
    """An act of an editor on a comment."""

    ADD = "add"
    REMOVE = "remove"
    UP = "up"
    #: In place of another one.
    SWAP = "swap"
    #: All quotes are chosen by rule again.
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picking:
    """An act of an editor on a comment below a story."""

    post_id: int
    comment_id: int
    how: How
    #: The comment whose place it takes.
    instead_of: int = 0

    def apply(self, shown: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the comments to quote after it; None: chosen by rule.

        Args:
            shown: the comments that are quoted now, in their order.
        """
        rest = tuple(each for each in shown if each != self.comment_id)
        match self.how:
            case How.RESET:
                return None
            case How.REMOVE:
                return rest
            case How.ADD:
                return (*rest, self.comment_id)
            case How.SWAP:
                swapped = (self.comment_id if each == self.instead_of else each for each in rest)
                return tuple(dict.fromkeys((*swapped, self.comment_id)))
        # How.UP
        place = max(shown.index(self.comment_id) - 1, 0) if self.comment_id in shown else 0
        return (*rest[:place], self.comment_id, *rest[place:])
