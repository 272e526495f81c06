"""Templates of the web pages, and the answers made of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from babel.dates import format_date
from fastapi.responses import HTMLResponse, Response
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.letter.printing.folders import EXPRESSION_ERRORS, FolderLoader

_STYLE = "web/style.css"


class Pages:
    """Renders the pages from the templates' folder."""

    def __init__(self, folders: tuple[Path, ...], *, base_url: str = "") -> None:
        """Prepare the engine.

        Args:
            folders: where templates are looked for, in this order; the shipped folder is the last.
            base_url: where the pages are reached; its path leads every link on them.
        """
        self._loader = FolderLoader(folders)
        self._environment = ImmutableSandboxedEnvironment(
            loader=self._loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["day"] = _format_day
        self._environment.filters["grouped"] = "{:,}".format
        self._environment.tests["weblink"] = _is_weblink
        self._environment.globals["root"] = urlsplit(base_url).path.rstrip("/")

    def check(self) -> None:
        """Read the operator's own templates; what only values bring out is not found here.

        Raises:
            TemplateError: names the template, the line and the reason.
        """
        self._loader.compile_own(self._environment, "web")

    def answer(self, name: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """Give the answer with the page `web/{name}.html.j2` as its body.

        Raises:
            TemplateError: names the template, the line and the reason.
        """
        path = f"web/{name}.html.j2"
        try:
            body = self._environment.get_template(path).render(values)
        except (jinja2.TemplateError, *EXPRESSION_ERRORS) as error:
            raise self._loader.explain(error, path) from error
        return HTMLResponse(body, status)

    def style(self) -> Response:
        """Give the one style sheet of all pages."""
        source, _, _ = self._loader.get_source(self._environment, _STYLE)
        headers = {"cache-control": "public, max-age=3600"}
        return Response(source, media_type="text/css", headers=headers)


def _is_weblink(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _format_day(when: datetime) -> str:
    return format_date(when, "long", locale="en")
