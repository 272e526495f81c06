"""Posts that are in no edition of a newsletter, for editors."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models.editions import Omission


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPosts:
    """The posts of one feed that are kept without being mailed, for one reason."""

    feed_url: str
    feed_title: str
    #: `backlog`, `archive` or `too old`.
    reason: str
    #: Newest first.
    posts: tuple[Omission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Every post of an edition's window that the edition does not show, and the kept posts."""

    #: The edition's own omissions, the posts of other categories, and those that wait for a day.
    left_out: tuple[Omission, ...]
    #: By feed and reason, also from before the window.
    kept: tuple[KeptPosts, ...]
