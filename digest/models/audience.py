"""Who an edition goes to: a cadence's subscribers, group by group."""

from __future__ import annotations

from typing import NamedTuple


class CadenceAudience(NamedTuple):
    """The subscribers of one cadence of a newsletter."""

    newsletter: str
    cadence: str
    #: Where it is the first cadence, who chose none, or one that is gone, belongs to it.
    is_first: bool = True
    #: The newsletter's other cadences.
    others: tuple[str, ...] = ()


class AudienceGroup(NamedTuple):
    """Subscribers with the same choices, the same window and the same clock."""

    #: JSON list of category names, sorted; empty: all.
    categories: str
    #: Posts up to this number were shown; None: start where everybody's window does.
    seen_seq: int | None
    #: How many there are.
    subscribers: int
    #: As chosen; empty: the newsletter's.
    language: str = ""
    #: As chosen: `normal` or `large`.
    text_size: str = "normal"
    #: As chosen; empty where none was, or where the clock does not matter.
    zone: str = ""
    hour: int | None = None
