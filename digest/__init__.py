"""The weekly email digest: feeds, an edition, a mail to each subscriber.

Posts flow one way: `subscribers` → `composer` → `letter` → `sender`. `subscribers` says to whom,
`scheduler` says when, `store` remembers. Start reading at `digest.pipeline`.
"""

from __future__ import annotations

__version__: str


def __getattr__(name: str) -> str:
    """Give the version; to look it up takes 60 ms, and every process that parses starts here."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("inbox-digest")
