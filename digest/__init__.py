"""The weekly email digest: feeds, an edition, a mail to each subscriber.

Posts flow one way: `readers` → `composer` → `letter` → `sender`. `subscribers` holds the people,
`scheduler` the dates, `store` the data. Start reading at `digest.pipeline`.
"""

from __future__ import annotations

__version__: str


def __getattr__(name: str) -> str:
    """Return `__version__`; looked up late: it takes 60 ms, and each parser process starts here."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("inbox-digest")
