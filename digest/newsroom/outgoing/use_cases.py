"""The use cases of webhooks by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.outgoing import shown as shown

__getattr__ = on_demand("digest.newsroom.outgoing")
