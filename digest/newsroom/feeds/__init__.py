"""The use cases of feeds: find them, examine them, report their health.

`find` finds the feeds of a page or address, `choose` (pure) selects among them, `examine` reports
the details of one address, and `health` the state of each configured feed. The results of `find`
are in `sighting`. Nothing is stored.
"""

from __future__ import annotations

from digest.newsroom.feeds.feeds import Feeds

__all__ = ["Feeds"]
