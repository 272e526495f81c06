"""Finds the files that are shipped with the program."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def templates_dir() -> Path:
    """Return the folder of the shipped templates.

    The installed wheel contains them inside the package; in a checkout they are next to it.
    """
    shipped = _PACKAGE / "_data" / "templates"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "templates"


def example_config() -> str:
    """Return the text of the commented example configuration."""
    name = "config.example.toml"
    shipped = _PACKAGE / "_data" / name
    return (shipped if shipped.is_file() else _PACKAGE.parent / name).read_text("utf-8")
