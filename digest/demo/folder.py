"""The folder that the demo writes into: made, marked as its own, emptied only when marked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from digest.errors import UsageError

#: Says that everything beside it may be deleted by the next run.
_MARK = "made-by-digest-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """Where each thing lies that a run of the demo makes."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.root / "config.toml"

    @property
    def people(self) -> Path:
        """The list of subscribers that is imported."""
        return self.root / "people.csv"

    @property
    def preview(self) -> Path:
        """What `digest preview` writes."""
        return self.root / "preview"

    @property
    def mailbox(self) -> Path:
        """The mails, each as it arrived."""
        return self.root / "mailbox"

    @property
    def letter(self) -> Path:
        """One mail opened up, with its pictures beside it."""
        return self.root / "letter"


def prepare_folder(root: Path) -> DemoFolder:
    """Give an empty folder of ours.

    Raises:
        UsageError: there is something that no demo made.
    """
    if root.exists() and not (root / _MARK).is_file():
        if not root.is_dir() or any(root.iterdir()):
            raise UsageError(f"{root}: not empty and not made by the demo; choose another --out")
    elif root.exists():
        shutil.rmtree(root)
    folder = DemoFolder(root=root.resolve())
    for part in (folder.root, folder.mailbox, folder.letter):
        part.mkdir(parents=True, exist_ok=True)
    (folder.root / _MARK).write_text("The next `digest demo` empties this folder.\n", "utf-8")
    return folder
