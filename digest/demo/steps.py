"""Runs the public commands as a user would type them, and shows each one first."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from digest.errors import DigestError

#: The commands, in the order of a first week.
STEPS: tuple[tuple[str, ...], ...] = (
    ("db", "upgrade"),
    ("config", "check"),
    ("subscribers", "import", "people.csv", "--consent", "Signed up in this demo."),
    ("collect",),
    ("compose", "--explain"),
    ("check",),
    ("preview", "--out", "preview"),
    ("send",),
    ("status",),
)


class DemoError(DigestError):
    """A command of the demo failed; its output is above."""


def run_step(step: tuple[str, ...], folder: Path, console: Console) -> None:
    """Show one command of `digest`, then run it in a folder.

    Raises:
        DemoError: its exit code is not 0.
    """
    typed = shlex.join(("digest", *step))
    console.print(f"\n[bold cyan]$ {escape(typed)}[/]", soft_wrap=True)
    # The command writes to the same terminal; our line must come first.
    console.file.flush()
    code = subprocess.run(digest_command(step), cwd=folder, check=False).returncode  # noqa: S603
    if code != 0:
        raise DemoError(
            f"`{typed}` ended with exit code {code}; see its error above (folder {folder})"
        )


def digest_command(step: tuple[str, ...]) -> list[str]:
    """Return the program and arguments that run `digest …`."""
    return [sys.executable, "-m", "digest", *step]
