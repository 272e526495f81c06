"""The limits of the parser processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """Actions that a parser process cannot do; it tried each at its start."""

    #: Open no connection.
    network: bool = False
    #: Open no file for writing.
    writing: bool = False
    #: Start no process.
    processes: bool = False
    #: See no environment variable.
    environment: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is kept from all of them."""
        return self.network and self.writing and self.processes and self.environment

    @property
    def line(self) -> str:
        """The facts in one line, for the operator."""
        words = {
            "network": self.network,
            "writing files": self.writing,
            "starting processes": self.processes,
            "environment": self.environment,
        }
        held = ", ".join(word for word, is_held in words.items() if is_held)
        open_ = ", ".join(word for word, is_held in words.items() if not is_held)
        kept = f"parser processes are kept from: {held or 'nothing'}"
        return f"{kept}; this system does not keep them from: {open_}" if open_ else kept
