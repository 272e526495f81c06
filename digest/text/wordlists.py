"""Reads word lists: one folder for each language, one file for each list, one entry on each line.

`#` starts a comment. To add a language, add a folder.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

#: The folder of the lists that several rooms use.
COMMON = files("digest.text") / "data"


def read_list(folder: Traversable, name: str) -> tuple[str, ...]:
    """Return the entries of one list; empty if the folder has no such list."""
    path = folder / f"{name}.txt"
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def list_languages(folder: Traversable) -> tuple[Traversable, ...]:
    """Return the folders of the languages, sorted by name."""
    languages = (each for each in folder.iterdir() if each.is_dir() and each.name[0].isalpha())
    return tuple(sorted(languages, key=lambda each: each.name))
