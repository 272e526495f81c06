"""Responses rendered from the templates of the admin pages."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import HTMLResponse, Response

from digest.templating.pages import PageRenderer
from digest.text.languages import SOURCE_LANGUAGE

#: Browsers may keep a style sheet for an hour.
STYLE_HEADERS = {"cache-control": "public, max-age=3600"}


class Pages:
    """Renders the admin pages as responses."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Prepare the renderer; `folders` are those of `PageRenderer`."""
        self._renderer = PageRenderer(folders, "desk")

    def check(self) -> None:
        """Read the operator's templates; errors that depend on values are not found here.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        self._renderer.check()

    def answer(self, name: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the response whose body is the page `web/desk/{name}.html.j2`.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        html = self._renderer.render(name, language=SOURCE_LANGUAGE, **values)
        return HTMLResponse(html, status)

    def style(self) -> Response:
        """Return the style sheet of all pages."""
        return Response(self._renderer.style(), media_type="text/css", headers=STYLE_HEADERS)
