"""Which posts are new for whom: a stretch of `seq`, the order in which posts were learned of.

Published dates play no part, so a post that was dated earlier but arrived later is still mailed,
once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SeqWindow:
    """Posts learned of after one edition's cut, up to and with another's."""

    #: The cut of the last edition that was seen; its posts are not new.
    since_seq: int
    cut_seq: int

    def __contains__(self, seq: int) -> bool:
        return self.since_seq < seq <= self.cut_seq
