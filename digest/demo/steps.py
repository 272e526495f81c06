"""The public commands, run as a user would type them, each shown before it runs."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from digest.errors import DigestError

#: In the order of a first week.
STEPS: tuple[tuple[str, ...], ...] = (
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
    """A command of the demo did not do its work; what it said stands above."""


def run_step(step: tuple[str, ...], folder: Path, console: Console) -> None:
    """Show one command of `digest`, then run it in a folder.

    Raises:
        DemoError: its exit code is not 0.
    """
    typed = shlex.join(("digest", *step))
    console.print(f"\n[bold cyan]$ {escape(typed)}[/]", soft_wrap=True)
    # The command writes to the same terminal: what stands before it must come before it.
    console.file.flush()
    code = subprocess.run(digest_command(step), cwd=folder, check=False).returncode  # noqa: S603
    if code != 0:
        raise DemoError(f"`{typed}` ended with {code}; it says why above (in {folder})")


def digest_command(step: tuple[str, ...]) -> list[str]:
    """Give the program and arguments behind `digest …`."""
    return [sys.executable, "-m", "digest", *step]
