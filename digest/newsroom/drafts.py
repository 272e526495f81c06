"""The modules that read and render drafts, each imported at its first use.

The send of a frozen edition needs none of them, and they are most of what a command loads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom import check as check
    from digest.newsroom import freeze as freeze
    from digest.newsroom import snapshots as snapshots

__getattr__ = on_demand("digest.newsroom")
