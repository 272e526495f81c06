"""The use cases of proofs by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.proof import examine as examine
    from digest.newsroom.proof import find as find
    from digest.newsroom.proof import memory as memory
    from digest.newsroom.proof import opening as opening
    from digest.newsroom.proof import parts as parts
    from digest.newsroom.proof import review as review
    from digest.newsroom.proof import week as week
    from digest.newsroom.proof import withdraw as withdraw

__getattr__ = on_demand("digest.newsroom.proof")
