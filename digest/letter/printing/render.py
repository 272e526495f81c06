"""Renders letters and notices from templates and values.

The operator may replace any template with a file in their own folder. Text from feeds and
subscribers is never a template, only an escaped value.
"""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.letter.printing.local import FILTERS
from digest.letter.printing.view import LetterView, NoticeView
from digest.templating.folders import EXPRESSION_ERRORS, FolderLoader
from digest.text.catalogue import translations_for
from digest.text.languages import SOURCE_LANGUAGE

MAIL_TEMPLATE = "email/digest.html.j2"
TEXT_TEMPLATE = "email/digest.txt.j2"
WEB_TEMPLATE = "email/web.html.j2"
NOTICE_TEMPLATE = "email/notice.txt.j2"


class Renderer:
    """Renders letters from the first of several folders that has the template."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Set the folders; each template is read when it is first used.

        Args:
            folders: the folders to search, in this order; the shipped folder is the last.
        """
        self._loader = FolderLoader(folders)
        self._environments: dict[str, jinja2.Environment] = {}

    def check(self) -> None:
        """Compile the operator's templates; errors that depend on values are not found.

        Raises:
            TemplateError: a template cannot be compiled; names it, the line and the reason.
        """
        self._loader.compile_own(self._engine_for(SOURCE_LANGUAGE), "email")

    def render_mail(self, letter: LetterView) -> str:
        """Return the HTML of a mail before its style sheet is inlined.

        Raises:
            TemplateError: a template cannot be rendered; names it, the line and the reason.
        """
        return self._render(MAIL_TEMPLATE, letter.language, letter=letter)

    def render_text(self, letter: LetterView) -> str:
        """Return the plain text of a mail; raises the same errors as `render_mail`."""
        return self._render(TEXT_TEMPLATE, letter.language, letter=letter)

    def render_web(self, letter: LetterView) -> str:
        """Return the letter as a web page; raises the same errors as `render_mail`."""
        return self._render(WEB_TEMPLATE, letter.language, letter=letter)

    def render_notice(self, notice: NoticeView) -> str:
        """Return the plain text of a notice; raises the same errors as `render_mail`."""
        return self._render(NOTICE_TEMPLATE, SOURCE_LANGUAGE, notice=notice)

    def _render(self, name: str, language: str, **values: LetterView | NoticeView) -> str:
        try:
            return self._engine_for(language).get_template(name).render(values)
        except (jinja2.TemplateError, *EXPRESSION_ERRORS) as error:
            raise self._loader.explain(error, name) from error

    def _engine_for(self, language: str) -> jinja2.Environment:
        """Return the engine for a language; compiled templates keep their translated words."""
        if language not in self._environments:
            self._environments[language] = self._prepare(language)
        return self._environments[language]

    def _prepare(self, language: str) -> jinja2.Environment:
        environment = ImmutableSandboxedEnvironment(
            loader=self._loader,
            autoescape=jinja2.select_autoescape(("html.j2",), default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = translations_for(language)
        environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
        environment.filters.update(FILTERS)
        return environment


_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def tidy_text(rendered: str) -> str:
    """Remove trailing blanks and double empty lines; end the text with one line end."""
    trimmed = _TRAILING_BLANKS.sub("", rendered)
    return _MANY_BLANK_LINES.sub("\n\n", trimmed).strip("\n") + "\n"
