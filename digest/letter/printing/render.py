"""Renders letters and notices from templates and values.

The operator may replace any template with a file in their own folder. Text from feeds and
subscribers is never a template, only an escaped value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.errors import TemplateError
from digest.letter.printing.local import FILTERS
from digest.letter.printing.places import known_names, unknown_name
from digest.letter.printing.view import LetterView, NoteView, NoticeView, SubscriberView
from digest.templating.compiled import compiled_templates
from digest.templating.folders import EXPRESSION_ERRORS, FolderLoader
from digest.text.catalogue import translations_for
from digest.text.languages import SOURCE_LANGUAGE

MAIL_TEMPLATE = "email/digest.html.j2"
TEXT_TEMPLATE = "email/digest.txt.j2"
WEB_TEMPLATE = "email/web.html.j2"
NOTICE_TEMPLATE = "email/notice.txt.j2"
NOTE_TEMPLATE = "email/note.html.j2"
NOTE_TEXT_TEMPLATE = "email/note.txt.j2"


class Renderer:
    """Renders letters from the first of several folders that has the template."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Set the folders; each template is read when it is first used.

        Args:
            folders: the folders to search, in this order; the shipped folder is the last.
        """
        self._loader = FolderLoader(folders)
        self._environments: dict[str, jinja2.Environment] = {}

    def check(self, fields: tuple[str, ...] = ()) -> None:
        """Compile the operator's templates; errors that depend on values are not found.

        Args:
            fields: the names of the subscribers' own fields.

        Raises:
            TemplateError: a template cannot be compiled, or names a field that does not exist;
                names it, the line and the reason.
        """
        engine, known = self._engine_for(SOURCE_LANGUAGE), known_names(fields)
        self._loader.compile_own(engine, "email")
        for name, tree in self._loader.parse_own(engine, "email"):
            for line, used in _used_values(tree):
                if used not in known:
                    raise TemplateError(name, line, unknown_name(used, known))

    def render_mail(self, letter: LetterView) -> str:
        """Return the HTML of a mail before its style sheet is inlined.

        Raises:
            TemplateError: a template cannot be rendered; names it, the line and the reason.
        """
        return self._render_letter(MAIL_TEMPLATE, letter)

    def render_text(self, letter: LetterView) -> str:
        """Return the plain text of a mail; raises the same errors as `render_mail`."""
        return self._render_letter(TEXT_TEMPLATE, letter)

    def render_web(self, letter: LetterView) -> str:
        """Return the letter as a web page; raises the same errors as `render_mail`."""
        return self._render_letter(WEB_TEMPLATE, letter)

    def render_notice(self, notice: NoticeView) -> str:
        """Return the plain text of a notice; raises the same errors as `render_mail`."""
        return self._render(NOTICE_TEMPLATE, SOURCE_LANGUAGE, notice=notice)

    def render_note(self, note: NoteView) -> str:
        """Return the HTML of a note before its style sheet is inlined.

        Raises:
            TemplateError: a template cannot be rendered; names it, the line and the reason.
        """
        return self._render(NOTE_TEMPLATE, note.language, note=note)

    def render_note_text(self, note: NoteView) -> str:
        """Return the plain text of a note; raises the same errors as `render_note`."""
        return self._render(NOTE_TEXT_TEMPLATE, note.language, note=note)

    def _render_letter(self, name: str, letter: LetterView) -> str:
        return self._render(name, letter.language, letter=letter, subscriber=letter.subscriber)

    def _render(
        self,
        name: str,
        language: str,
        **values: LetterView | NoticeView | NoteView | SubscriberView,
    ) -> str:
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
            bytecode_cache=compiled_templates("letters", language),
        )
        words = translations_for(language)
        environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
        environment.filters.update(FILTERS)
        return environment


def _used_values(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Yield each use of a subscriber's own value in a template: its line and the name."""
    for by_name in tree.find_all(nodes.Getattr):
        if isinstance(by_name.node, nodes.Name) and by_name.node.name == "subscriber":
            yield by_name.lineno, by_name.attr
    for by_index in tree.find_all(nodes.Getitem):
        is_own = isinstance(by_index.node, nodes.Name) and by_index.node.name == "subscriber"
        if is_own and isinstance(by_index.arg, nodes.Const):
            yield by_index.lineno, str(by_index.arg.value)


_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def tidy_text(rendered: str) -> str:
    """Remove trailing blanks and double empty lines; end the text with one line end."""
    trimmed = _TRAILING_BLANKS.sub("", rendered)
    return _MANY_BLANK_LINES.sub("\n\n", trimmed).strip("\n") + "\n"
