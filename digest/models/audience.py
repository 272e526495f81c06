"""The audience of an edition: the subscribers of a cadence, in groups."""

from __future__ import annotations

from typing import NamedTuple

from subscribers.segments import EVERYBODY, Segment


class CadenceAudience(NamedTuple):
    """The subscribers of one cadence of a newsletter."""

    newsletter: str
    cadence: str
    #: True for the first cadence, which also has the subscribers who chose none or a removed one.
    is_first: bool = True
    #: The newsletter's other cadences.
    others: tuple[str, ...] = ()
    #: The part of the newsletter's subscribers that it is for.
    segment: Segment = EVERYBODY


class AudienceGroup(NamedTuple):
    """Subscribers with the same choices, the same window and the same local time."""

    #: JSON list of category names, sorted; empty: all.
    categories: str
    #: The last `seq` that they have seen; None: their window starts at the previous edition's cut.
    seen_seq: int | None
    #: The number of subscribers.
    subscribers: int
    #: As chosen; empty: the newsletter's language.
    language: str = ""
    #: As chosen: `normal` or `large`.
    text_size: str = "normal"
    #: IANA name as chosen; empty if none was chosen or groups are not split by local time.
    zone: str = ""
    #: Hour of the day as chosen, 0 to 23; None in the same cases.
    hour: int | None = None
