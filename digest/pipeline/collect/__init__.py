"""Collecting: fetches, reads and stores each feed, then its posts' pages, comments and pictures.

Start with `fetch_turns`. The turn of a feed goes through `posts` (the feed itself), `pages` (of its
posts), `comments` and `pictures`. All of them get a `CollectContext` and return a `FeedOutcome`
or a part of it; `notes` collects small writes.
"""

from __future__ import annotations

from digest.pipeline.collect.context import ImageSettings
from digest.pipeline.collect.fetch_turns import collect
from digest.pipeline.collect.recheck import ask_again

__all__ = ["ImageSettings", "ask_again", "collect"]
