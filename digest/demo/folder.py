"""The folder that the demo writes into: marked as the demo's, and emptied only if marked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from digest.errors import UsageError

#: Name of the file that marks a folder: the next run may delete everything in it.
_MARK = "made-by-digest-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """The paths of all files and folders that a run of the demo makes."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.root / "config.toml"

    @property
    def people(self) -> Path:
        """The list of subscribers to import."""
        return self.root / "people.csv"

    @property
    def preview(self) -> Path:
        """The output folder of `digest preview`."""
        return self.root / "preview"

    @property
    def mailbox(self) -> Path:
        """The folder of the mails, each as it arrived."""
        return self.root / "mailbox"

    @property
    def letter(self) -> Path:
        """The folder of one mail as separate files, with its pictures."""
        return self.root / "letter"


def prepare_folder(root: Path) -> DemoFolder:
    """Create or empty the demo's folder and return its paths.

    Raises:
        UsageError: the folder has files that the demo did not make.
    """
    if root.exists() and not (root / _MARK).is_file():
        if not root.is_dir() or any(root.iterdir()):
            raise UsageError(
                f"{root}: not empty and not made by the demo; use another folder with --out"
            )
    elif root.exists():
        shutil.rmtree(root)
    folder = DemoFolder(root=root.resolve())
    for part in (folder.root, folder.mailbox, folder.letter):
        part.mkdir(parents=True, exist_ok=True)
    (folder.root / _MARK).write_text("The next `digest demo` empties this folder.\n", "utf-8")
    return folder
