"""The parts of the pages for machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsDoor:
    """The parts of the pages for machines."""

    context: RunContext
    #: Returns the metrics and their media type.
    write_metrics: Callable[[], tuple[bytes, str]]
