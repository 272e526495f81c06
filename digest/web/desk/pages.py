"""Renders the pages of the desk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from digest.templating.pages import PageRenderer
from digest.text.languages import SOURCE_LANGUAGE

#: The files of the pages, by the name in their address: their place and their type.
_FILES: Mapping[str, tuple[str, str]] = {
    "style.css": ("style.css", "text/css"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
    "desk.js": ("desk.js", "text/javascript"),
    "htmx.js": ("vendor/htmx.min.js", "text/javascript"),
}
#: The main navigation: address and words.
_NAVIGATION = (
    ("/", "Home"),
    ("/editions", "Editions"),
    ("/plan", "Plan"),
    ("/report", "Report"),
    ("/comments", "Comments"),
    ("/feeds", "Feeds"),
    ("/subscribers", "Subscribers"),
    ("/settings", "Settings"),
)
#: The tabs of an edition's pages: the last part of their address, and words.
_TABS = (
    ("compose", "Compose"),
    ("preview", "Preview"),
    ("approve", "Approve"),
    ("sending", "Sending"),
    ("history", "History"),
)


class DeskPages:
    """Renders the pages of the desk as responses, and holds the files that they load."""

    def __init__(self, folders: tuple[Path, ...], *, paths: frozenset[str]) -> None:
        """Prepare the renderer.

        Args:
            folders: those of `PageRenderer`.
            paths: the addresses of the pages; navigation and tabs show only what exists.
        """
        self._renderer = PageRenderer(folders, "desk")
        self._files = {
            name: (self._renderer.source(place).encode(), kind)
            for name, (place, kind) in _FILES.items()
        }
        self._navigation = tuple(item for item in _NAVIGATION if item[0] in paths)
        self.tabs = tuple(tab for tab in _TABS if f"/editions/{{edition_id}}/{tab[0]}" in paths)

    def check(self) -> None:
        """Read the operator's templates; errors that depend on values are not found here.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        self._renderer.check()

    def answer(
        self, name: str, /, *, status: int = 200, csrf: str = "", **values: object
    ) -> HTMLResponse:
        """Return the response whose body is the page `web/desk/{name}.html.j2`.

        Args:
            name: the page.
            status: the status of the response.
            csrf: the token of the forms.
            values: the values of the template.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        given: dict[str, object] = {
            "visit": None,
            "navigation": self._navigation,
            "tabs": self.tabs,
            "asset": self.address_of,
            "csrf": lambda: _hidden_field(csrf),
            **values,
        }
        return HTMLResponse(self._renderer.render(name, language=SOURCE_LANGUAGE, **given), status)

    def file(self, name: str) -> tuple[bytes, str] | None:
        """Return a file of the pages and its type; None if there is none."""
        return self._files.get(name)

    def address_of(self, name: str) -> str:
        """Return the address of a file, which changes with its content."""
        version = hashlib.sha256(self._files[name][0]).hexdigest()[:12]
        return f"/static/{version}/{name}"


def _hidden_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)
