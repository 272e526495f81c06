"""Where a feed has gone: which permanent redirects are believed, and who is told.

One redirect may be an accident, and one to another site a theft; so a feed moves by itself only
after several in a row, and only within its site.
"""

from __future__ import annotations

from dataclasses import replace

from digest.alerts import SIGHTINGS
from digest.readers.web.origin import is_same_site
from digest.store.feeds import Moves


def follow_moves(url: str, known: Moves, target: str) -> tuple[Moves, str]:
    """Give what to remember of a feed's moves, and what to tell of them; empty: nothing new.

    Args:
        url: as configured.
        known: until now.
        target: where permanent redirects led this time; empty: nowhere.
    """
    if target == url:
        return Moves(), ""  # back where it was
    if not target:
        return Moves(settled=known.settled), ""
    seen = known.seen + 1 if target == known.target else 1
    # Told once: more sightings than these are not counted.
    if seen != SIGHTINGS:
        return replace(known, target=target, seen=min(seen, SIGHTINGS + 1)), ""
    if is_same_site(url, target):
        told = f"has moved to {target}; it is asked there from now on, change its url"
        return Moves(settled=target), told
    told = f"has moved to {target}, which is another site; if that is right, change its url"
    return replace(known, target=target, seen=seen), told
