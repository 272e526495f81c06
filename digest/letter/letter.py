"""Turns a variant into a letter, in the same way for previews, checks, tests and real mail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digest.letter.check import check_letter
from digest.letter.checks.lint_context import Present
from digest.letter.fit import Cut, fit_variant, forecast_cuts
from digest.letter.printing.headers import HeaderFacts
from digest.letter.printing.inline import inline_css
from digest.letter.printing.message import Pieces, PlaceMarks, compile_letter
from digest.letter.printing.presentation import build_view
from digest.letter.printing.render import Renderer, tidy_text
from digest.letter.printing.site import LetterSite
from digest.letter.printing.view import LetterView
from digest.models import Edition, Finding, Variant

_NO_VALUES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One variant, fitted, rendered, encoded and checked."""

    #: The variant as written; its `trims` list what was cut to fit the size limit.
    variant: Variant
    subject: str
    preheader: str
    #: Both parts contain marks in personal places; `message.join` makes a mail from `pieces`.
    html: str
    text: str
    pieces: Pieces
    findings: tuple[Finding, ...]


def write_letter(
    edition: Edition,
    variant: Variant,
    site: LetterSite,
    renderer: Renderer,
    facts: HeaderFacts,
    present: Present = Present(),  # noqa: B008 - frozen
) -> Letter:
    """Render, inline, fit, encode and check one variant.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    marks = PlaceMarks(seed=_seed(edition, variant))
    view = _views(edition, site, marks)
    draw = lambda each: renderer.render_mail(view(each))  # noqa: E731 - one line
    fitted = fit_variant(variant, draw, inline_css, language=edition.language)
    variant, html = fitted.variant, fitted.html
    text = tidy_text(renderer.render_text(view(variant)))
    pieces = compile_letter(
        subject=variant.subject, html=html, text=text, edition=edition, facts=facts, marks=marks
    )
    return Letter(
        variant=variant,
        subject=variant.subject,
        preheader=variant.preheader,
        html=html,
        text=text,
        pieces=pieces,
        findings=check_letter(edition, variant, site, pieces, present),
    )


def forecast(
    edition: Edition, letter: Letter, site: LetterSite, renderer: Renderer
) -> tuple[Cut, ...]:
    """Return what would be cut from a letter next if it had to be smaller, in order.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    marks = PlaceMarks(seed=_seed(edition, letter.variant))
    view = _views(edition, site, marks)
    draw = lambda each: renderer.render_mail(view(each))  # noqa: E731 - one line
    return forecast_cuts(letter.variant, draw, letter.html, edition.language)


def _views(
    edition: Edition, site: LetterSite, marks: PlaceMarks
) -> Callable[[Variant], LetterView]:
    """Return a function that builds a variant's view; the last one is kept for the other part."""
    last: tuple[Variant, LetterView] | None = None

    def view(variant: Variant) -> LetterView:
        nonlocal last
        if last is None or last[0] is not variant:
            last = variant, build_view(edition, variant, site, marks)
        return last[1]

    return view


def render_web(
    edition: Edition,
    variant: Variant,
    site: LetterSite,
    renderer: Renderer,
    values: Mapping[str, str] = _NO_VALUES,
) -> str:
    """Return a variant as a complete web page, without address and links of a subscriber.

    Args:
        edition: the edition.
        variant: the variant.
        site: the sending site.
        renderer: the templates.
        values: the own values of the subscriber who sees it, by name; empty if no
            subscriber is known, then the fallbacks are printed.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    return renderer.render_web(build_view(edition, variant, site, None, values))


def _seed(edition: Edition, variant: Variant) -> str:
    """Return 16 hex digits that no post can predict because they hash all stories' texts."""
    texts = [
        (story.title, story.excerpt, *(quote.text for quote in story.quotes))
        for story in variant.stories
    ]
    printed = repr((edition.newsletter, edition.number, variant.key, variant.subject, texts))
    return hashlib.sha256(printed.encode()).hexdigest()[:16]
