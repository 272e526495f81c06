"""Renders letters and notices from templates and values.

The operator may replace any template with a file in their own folder. Text from feeds and
subscribers is never a template, only an escaped value.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cssutils
import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from premailer import Premailer

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


# The mail's tables already have the HTML attributes that Word needs; those made from CSS would
# duplicate them.
_ATTRIBUTES = ["width", "height", "align", "valign", "bgcolor"]

_STYLE_BLOCK = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CLASS_NAME = re.compile(r"\.([A-Za-z_][\w-]*)")
# Serialised HTML has no raw `<` in text and no raw quote in a value, so these match only tags.
_TAG = re.compile(r"<[a-z][^>]*>")
_CLASS_ATTRIBUTE = re.compile(r' class="([^"]*)"')
_STYLE_ATTRIBUTE = re.compile(r' style="([^"]*)"')


def inline_css(html: str) -> str:
    """Return the page with its first style sheet inlined and unused classes removed.

    Blocks marked `data-premailer="ignore"` do not change by a byte. Nothing is fetched.
    """
    return _shrink(_OfflinePremailer(html, **_SETTINGS).transform(pretty_print=False))


_SETTINGS: dict[str, Any] = {
    "remove_classes": False,
    "keep_style_tags": False,
    # The default strips `!important`, which media rules need to override inline styles.
    "strip_important": False,
    "disable_leftover_css": True,
    "disable_validation": True,
    "allow_network": False,
    "disable_link_rewrites": True,
    "preserve_internal_links": True,
    "align_floating_images": False,
    "disable_basic_attributes": _ATTRIBUTES,
    "cssutils_logging_level": logging.CRITICAL,
}


class _OfflinePremailer(Premailer):  # type: ignore[misc]  # the library has no types
    """Does not fetch `@import` either, which `allow_network=False` allows."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        return cssutils.CSSParser(fetcher=_refuse).parseString(css_body, validate=validate)

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        key = css_body, ruleset_index
        if key not in _parsed:
            if len(_parsed) == _MOST_PARSED:
                _parsed.clear()
            _parsed[key] = super()._parse_style_rules(css_body, ruleset_index)
        rules, leftover = _parsed[key]
        return list(rules), list(leftover)


#: Rules by style sheet: letters share theirs, and to parse it takes half the time of inlining.
_parsed: dict[tuple[str, int], tuple[list[Any], list[Any]]] = {}
_MOST_PARSED = 8


def _refuse(_url: str) -> tuple[str, bytes]:
    """Answer every fetch with an empty style sheet."""
    return "utf-8", b""


def _shrink(html: str) -> str:
    used = _kept_classes(html)
    return _TAG.sub(lambda tag: _shrink_tag(tag.group(), used), html)


def _kept_classes(html: str) -> frozenset[str]:
    blocks = _STYLE_BLOCK.findall(_COMMENT.sub("", html))
    return frozenset(name for block in blocks for name in _CLASS_NAME.findall(block))


def _shrink_tag(tag: str, used: frozenset[str]) -> str:
    tag = _CLASS_ATTRIBUTE.sub(lambda found: _keep_classes(found.group(1), used), tag)
    return _STYLE_ATTRIBUTE.sub(lambda found: _tighten(found.group(1)), tag)


def _keep_classes(names: str, used: frozenset[str]) -> str:
    kept = " ".join(name for name in names.split() if name in used)
    return f' class="{kept}"' if kept else ""


def _tighten(style: str) -> str:
    declarations = (declaration.partition(":") for declaration in style.split(";"))
    tight = ";".join(
        f"{name.strip()}:{value.strip().replace(', ', ',')}" for name, _colon, value in declarations
    )
    return f' style="{tight}"'
