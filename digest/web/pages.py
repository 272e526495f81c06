"""Responses rendered from the templates of the web pages."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import HTMLResponse, Response

from digest.templating.pages import PageRenderer


class Pages:
    """Renders the web pages as responses."""

    def __init__(self, folders: tuple[Path, ...], *, base_url: str = "") -> None:
        """Prepare the renderer; the arguments are those of `PageRenderer`."""
        self._renderer = PageRenderer(folders, base_url=base_url)

    def check(self) -> None:
        """Read the operator's templates; errors that depend on values are not found here.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        self._renderer.check()

    def answer(self, name: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the response whose body is the page `web/{name}.html.j2`.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        return HTMLResponse(self._renderer.render(name, **values), status)

    def style(self) -> Response:
        """Return the style sheet of all pages."""
        headers = {"cache-control": "public, max-age=3600"}
        return Response(self._renderer.style(), media_type="text/css", headers=headers)
