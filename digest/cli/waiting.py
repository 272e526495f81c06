"""The line about subscribers who wait for `digest resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.status import Waiting


def waiting_line(waiting: Waiting) -> str:
    """Return how many subscribers wait, and for which edition."""
    wait = "waits" if waiting.subscribers == 1 else "wait"
    return (
        f"{counted(waiting.subscribers, 'subscriber')} {wait} for"
        f" `digest resolve {waiting.edition_id}` and will get no edition until then"
    )
