"""Imports parts on demand: the web server of `digest run --serve`, what draws on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.loading import on_demand

if TYPE_CHECKING:
    from digest.cli import drawing as drawing
    from digest.cli import jobs as jobs
    from digest.cli import serve as serve

__getattr__ = on_demand("digest.cli")
