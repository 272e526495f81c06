"""The weekly email digest: feeds, an edition, a mail to each subscriber.

Posts flow one way: `readers` → `composer` → `letter` → `sender`. `subscribers` says to whom,
`scheduler` says when, `store` remembers. Start reading at `digest.pipeline`.
"""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("inbox-digest")
