"""The answers made of the web pages' templates."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import HTMLResponse, Response

from digest.templating.pages import PageRenderer


class Pages:
    """Answers with pages from the templates' folder."""

    def __init__(self, folders: tuple[Path, ...], *, base_url: str = "") -> None:
        """Prepare the engine; arguments as for `PageRenderer`."""
        self._renderer = PageRenderer(folders, base_url=base_url)

    def check(self) -> None:
        """Read the operator's own templates; what only values bring out is not found here.

        Raises:
            TemplateError: names the template, the line and the reason.
        """
        self._renderer.check()

    def answer(self, name: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the answer with the page `web/{name}.html.j2` as its body.

        Raises:
            TemplateError: names the template, the line and the reason.
        """
        return HTMLResponse(self._renderer.render(name, **values), status)

    def style(self) -> Response:
        """Return the one style sheet of all pages."""
        headers = {"cache-control": "public, max-age=3600"}
        return Response(self._renderer.style(), media_type="text/css", headers=headers)
