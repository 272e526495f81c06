"""Collecting: every feed is fetched, read and stored, then its posts' pages, comments and pictures.

Start with `fetch_turns`. A feed's turn goes through `posts` (the feed itself), `pages` (of its
posts) and `comments`, which reads each source by `lists`. They work with a `context` that is passed
in; what they found is an `outcome`.
"""

from __future__ import annotations

from digest.pipeline.collect.context import ImageSettings
from digest.pipeline.collect.fetch_turns import collect

__all__ = ["ImageSettings", "collect"]
