"""Collecting: every feed asked, read and stored, then what stands around its recent posts.

`turns` is the door. A feed's turn goes through `posts` (the feed itself), `pages` (of its posts)
and `comments`, which reads each source by `lists`; what they work with is a `kit` that is passed
in, what they found is an `outcome`.
"""

from __future__ import annotations

from digest.pipeline.collect.kit import Gallery
from digest.pipeline.collect.outcome import CollectReport, FeedOutcome, FeedResult
from digest.pipeline.collect.turns import collect

__all__ = ["CollectReport", "FeedOutcome", "FeedResult", "Gallery", "collect"]
