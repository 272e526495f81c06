"""Looking at feeds before they are added: nothing is stored.

`find` goes from an address to the feeds behind it, `choose` (pure) to the ones that are meant,
`examine` tells everything that can be seen of one address. What was seen is in `sighting`.
"""

from __future__ import annotations

from digest.newsroom.feeds.choose import Choice, choose, propose_category
from digest.newsroom.feeds.examine import Examination, PostReport, examine
from digest.newsroom.feeds.find import find_feeds
from digest.newsroom.feeds.sighting import Scouting, Sighting, Tried

__all__ = [
    "Choice",
    "Examination",
    "PostReport",
    "Scouting",
    "Sighting",
    "Tried",
    "choose",
    "examine",
    "find_feeds",
    "propose_category",
]
