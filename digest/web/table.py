"""One row of the table of routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digest.models.admins import Right

#: Methods that change nothing.
SAFE_METHODS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Route:
    """An address, who may use it, and the function that answers it."""

    #: `GET`, which answers `HEAD` too, `POST`, or `OPTIONS`.
    method: str
    #: As FastAPI reads it, such as `/editions/{edition_id}`.
    path: str
    #: The right that it needs. None: open to everybody, also without signing in.
    right: Right | None
    handler: Callable[..., Any]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""
        return SAFE_METHODS if self.method == "GET" else (self.method,)

    @property
    def is_change(self) -> bool:
        """Whether it changes something, so that a request must prove where it comes from."""
        return self.method not in (*SAFE_METHODS, "OPTIONS")
