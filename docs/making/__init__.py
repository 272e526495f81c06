"""Makes the reference pages of the documentation from the code.

`make docs` calls `write_pages`; the pages are in `docs/reference/` and are not committed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs.making import commands, errors, json_shapes, logs, results, routes, settings

FOLDER = Path(__file__).parents[1] / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "commands": commands.page,
    "configuration": settings.page,
    "json": json_shapes.page,
    "logs": logs.page,
    "routes": routes.page,
    "exit-codes": errors.page,
    "results": results.page,
}


def write_pages(folder: Path = FOLDER) -> None:
    """Write each page that changed, so that a second build reads only those."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
