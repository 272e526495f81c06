"""The use cases of the desk by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.desk import heads as heads
    from digest.newsroom.desk import letters as letters
    from digest.newsroom.desk import listing as listing

__getattr__ = on_demand("digest.newsroom.desk")
