"""Word lists as data: a folder is a language, a file a list, a line a word or phrase.

`#` begins a remark. Adding a language is adding a folder.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

#: The lists that every room may need.
COMMON = files("digest.text") / "data"


def read_list(folder: Traversable, name: str) -> tuple[str, ...]:
    """The lines of one list; empty where the folder has none of that name."""
    path = folder / f"{name}.txt"
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def list_languages(folder: Traversable) -> tuple[Traversable, ...]:
    """The folders of the languages, by name."""
    languages = (each for each in folder.iterdir() if each.is_dir() and each.name[0].isalpha())
    return tuple(sorted(languages, key=lambda each: each.name))
