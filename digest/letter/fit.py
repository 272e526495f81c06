"""Keeping a letter within the size that mail programs show whole: what goes first, what never.

Never cut are the footer, the labels of the poll, and titles: a title is printed whole, or its post
is behind "and N more". The web page has no such limit and always shows everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digest.letter.checks.size import MAX_BYTES
from digest.letter.planning.trimming import STEPS, list_more
from digest.letter.planning.variants import with_trims
from digest.letter.printing.scale import Scale, measure
from digest.models import Variant

#: How often a page is written anew after the first time.
_CORRECTIONS = 2

#: Gives the page of a variant, its style sheet not yet inlined.
Draw = Callable[[Variant], str]
#: Inlines it: by far the slowest step of writing a letter.
Inline = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A variant that fits, or all that could be done for it."""

    #: With its `trims`.
    variant: Variant
    #: Its page, inlined.
    html: str


def fit_variant(
    variant: Variant, draw: Draw, inline: Inline, *, max_bytes: int = MAX_BYTES
) -> Fitted:
    """Cut a variant step by step until its page has at most `max_bytes` of UTF-8.

    What a step saves is foretold from the first page, so that at most three are inlined.
    """
    page = draw(variant)
    fitted = Fitted(variant=variant, html=inline(page))
    scale, target = Scale.of(page, fitted.html), max_bytes
    for _ in range(_CORRECTIONS):
        excess = measure(fitted.html) - max_bytes
        if excess <= 0:
            break
        if fitted.variant.trims:
            target -= excess
        cut = _cut(variant, lambda each: scale.foretell(draw(each)) <= target)  # noqa: B023 - called at once
        if cut == fitted.variant:
            break
        fitted = Fitted(variant=cut, html=inline(draw(cut)))
    return fitted


def _cut(variant: Variant, fits: Callable[[Variant], bool]) -> Variant:
    """Take the steps in their order until one is enough; all of them where none is."""
    for step in STEPS:
        lesser, words = step(variant)
        if not words:
            continue
        variant = with_trims(lesser, (*variant.trims, words))
        if fits(variant):
            return variant
    return _list_as_few(variant, fits)


def _list_as_few(variant: Variant, fits: Callable[[Variant], bool]) -> Variant:
    """Put posts behind "and N more", as few as will do."""
    least, most = 0, sum(len(section.titles) for section in variant.sections)
    while least < most:
        count = (least + most) // 2
        if fits(_with_more(variant, count)):
            most = count
        else:
            least = count + 1
    return _with_more(variant, most) if most else variant


def _with_more(variant: Variant, count: int) -> Variant:
    lesser, words = list_more(variant, count)
    return with_trims(lesser, (*variant.trims, words))
