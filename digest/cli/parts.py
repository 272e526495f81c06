"""Imports parts on demand: only `digest run --serve` needs the web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.cli import serve as serve

__getattr__ = on_demand("digest.cli")
