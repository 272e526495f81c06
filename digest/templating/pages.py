"""Renders web pages from templates."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from babel.dates import format_date
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.templating.compiled import compiled_templates
from digest.templating.folders import EXPRESSION_ERRORS, FolderLoader
from digest.text.catalogue import translations_for
from digest.text.languages import SOURCE_LANGUAGE, direction_of, locale_of
from digest.text.percents import percent_text


class PageRenderer:
    """Renders the pages of one door from the first of several folders that has the template."""

    def __init__(self, folders: tuple[Path, ...], door: str, *, base_url: str = "") -> None:
        """Prepare the engine.

        Args:
            folders: the folders to search, in this order; the shipped folder is the last.
            door: the folder of the pages: `public` or `desk`.
            base_url: the public address of the pages; every link on them starts with its path.
        """
        self._loader = FolderLoader(folders)
        self._folder = f"web/{door}"
        self._root = urlsplit(base_url).path.rstrip("/")
        self._environments: dict[str, jinja2.Environment] = {}

    def check(self) -> None:
        """Compile the operator's templates; errors that depend on values are not found.

        Raises:
            TemplateError: a template cannot be compiled; names it, the line and the reason.
        """
        self._loader.compile_own(self._engine_for(SOURCE_LANGUAGE), self._folder)

    def render(self, name: str, /, *, language: str = SOURCE_LANGUAGE, **values: object) -> str:
        """Return the page `{name}.html.j2` in a language.

        Raises:
            TemplateError: the template cannot be rendered; names it, the line and the reason.
        """
        path = f"{self._folder}/{name}.html.j2"
        try:
            return self._engine_for(language).get_template(path).render(values)
        except (jinja2.TemplateError, *EXPRESSION_ERRORS) as error:
            raise self._loader.explain(error, path) from error

    def style(self) -> str:
        """Return the style sheet of the pages."""
        return self.source("style.css")

    def source(self, file: str) -> str:
        """Return a text file of the pages as it is."""
        engine = self._engine_for(SOURCE_LANGUAGE)
        source, _, _ = self._loader.get_source(engine, f"{self._folder}/{file}")
        return source

    def _engine_for(self, language: str) -> jinja2.Environment:
        """Return the engine for a language; compiled templates keep their translated words."""
        if language not in self._environments:
            self._environments[language] = self._prepare(language)
        return self._environments[language]

    def _prepare(self, language: str) -> jinja2.Environment:
        environment: Any = ImmutableSandboxedEnvironment(
            loader=self._loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            bytecode_cache=compiled_templates("pages", language),
        )
        environment.install_gettext_translations(translations_for(language), newstyle=True)
        environment.filters["day"] = lambda when: _format_day(when, language)
        environment.filters["percent"] = lambda percent: percent_text(percent, language)
        environment.filters["direction"] = direction_of
        environment.filters["grouped"] = "{:,}".format
        environment.tests["weblink"] = _is_weblink
        environment.globals["root"] = self._root
        return environment  # type: ignore[no-any-return]  # the extension adds untyped methods


def _is_weblink(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _format_day(when: date, language: str) -> str:
    return format_date(when, "long", locale=locale_of(language))
