"""Lists the files that name one field of the masthead, which goes unchanged into the mail."""

from __future__ import annotations

import ast
from pathlib import Path

#: The field that is used as the example of all fields.
PROBE = "tagline"


def name_files(root: Path, field: str = PROBE) -> tuple[str, ...]:
    """Return the files of `digest/` whose code names the field.

    The name counts as a variable, attribute, parameter or keyword argument, not in a string or a
    comment.
    """
    files = sorted((root / "digest").rglob("*.py"))
    return tuple(str(each.relative_to(root)) for each in files if _is_named(each, field))


def name_texts(root: Path, field: str = PROBE) -> tuple[str, ...]:
    """Return the files of `templates/` and `docs/` that contain the field's name."""
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
