"""The feeds: found behind an address, looked at before they are added, and how they do.

`find` goes from an address to the feeds behind it, `choose` (pure) to the ones that are meant,
`examine` reports everything that can be seen of one address, `health` how each configured feed
does. What was seen is in `sighting`. Nothing is stored.
"""

from __future__ import annotations

from digest.newsroom.feeds.feeds import Feeds

__all__ = ["Feeds"]
