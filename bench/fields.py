"""Product files that name one field of the masthead, which goes unchanged into the mail."""

from __future__ import annotations

import ast
from pathlib import Path

#: The field that stands for all of them.
PROBE = "tagline"


def name_files(root: Path, field: str = PROBE) -> tuple[str, ...]:
    """Return the files of `digest/` whose code names the field.

    As a variable, an attribute, a parameter or a keyword argument; a string or a comment does not
    count.
    """
    files = sorted((root / "digest").rglob("*.py"))
    return tuple(str(each.relative_to(root)) for each in files if _is_named(each, field))


def name_texts(root: Path, field: str = PROBE) -> tuple[str, ...]:
    """Return the files of `templates/` and `docs/` that have the field's name anywhere."""
    files = (each for name in ("templates", "docs") for each in sorted((root / name).rglob("*")))
    return tuple(
        str(each.relative_to(root))
        for each in files
        if each.is_file() and field.encode() in each.read_bytes()
    )


def _is_named(file: Path, field: str) -> bool:
    for node in ast.walk(ast.parse(file.read_bytes())):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found = name
            case ast.keyword(arg=str(name)):
                found = name
            case _:
                continue
        if found == field:
            return True
    return False
