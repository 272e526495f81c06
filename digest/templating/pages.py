"""Renders web pages from templates."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from babel.dates import format_date
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.templating.folders import EXPRESSION_ERRORS, FolderLoader

_STYLE = "web/style.css"


class PageRenderer:
    """Renders web pages from the first of several folders that has the template."""

    def __init__(self, folders: tuple[Path, ...], *, base_url: str = "") -> None:
        """Prepare the engine.

        Args:
            folders: the folders to search, in this order; the shipped folder is the last.
            base_url: the public address of the pages; every link on them starts with its path.
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
        """Compile the operator's templates; errors that depend on values are not found.

        Raises:
            TemplateError: a template cannot be compiled; names it, the line and the reason.
        """
        self._loader.compile_own(self._environment, "web")

    def render(self, name: str, /, **values: object) -> str:
        """Return the page `web/{name}.html.j2`.

        Raises:
            TemplateError: the template cannot be rendered; names it, the line and the reason.
        """
        path = f"web/{name}.html.j2"
        try:
            return self._environment.get_template(path).render(values)
        except (jinja2.TemplateError, *EXPRESSION_ERRORS) as error:
            raise self._loader.explain(error, path) from error

    def style(self) -> str:
        """Return the style sheet of all pages."""
        source, _, _ = self._loader.get_source(self._environment, _STYLE)
        return source


def _is_weblink(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _format_day(when: datetime) -> str:
    return format_date(when, "long", locale="en")
