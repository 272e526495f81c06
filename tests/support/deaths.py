"""Kills a process at a table or a mail; for `start_command(..., before=...)`."""

from __future__ import annotations

import os
import signal
from typing import Any

from digest.letter.addresser import Addresser
from digest.store import copying


def die_at_table(name: str) -> None:
    """Let this process die when it has copied a table."""
    real = copying.copy_table

    def copy(source: Any, target: Any, table: Any) -> Any:
        done = real(source, target, table)
        if table.name == name:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    vars(copying)["copy_table"] = copy


def die_at_build() -> None:
    """Let this process die when it builds a mail."""

    def address(*_arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    type.__setattr__(Addresser, "address", address)
