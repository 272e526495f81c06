"""The use cases of drafts by name, each imported at its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.newsroom.composing import edit as edit
    from digest.newsroom.composing import page as page

__getattr__ = on_demand("digest.newsroom.composing")
