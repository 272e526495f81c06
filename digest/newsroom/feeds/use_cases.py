"""The use cases of feeds by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.feeds import examine as examine
    from digest.newsroom.feeds import find as find
    from digest.newsroom.feeds import health as health
    from digest.newsroom.feeds import manage as manage

__getattr__ = on_demand("digest.newsroom.feeds")
