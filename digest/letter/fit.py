"""Trims a letter to the size that mail programs show completely.

The footer, the poll's labels and titles are never cut: a title is printed whole, or its post is
behind "and N more". The web page has no limit and always shows everything.
"""

from __future__ import annotations

import html as html_words
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digest.letter.checks.reading import MAX_BYTES
from digest.letter.planning.trimming import Step, list_more, steps_for
from digest.letter.planning.variants import with_trims
from digest.letter.printing.message import MARK
from digest.models import Variant

#: How many times a page is written again after the first time.
_CORRECTIONS = 2

#: Returns the page of a variant before its style sheet is inlined.
Draw = Callable[[Variant], str]
#: Inlines the style sheet: by far the slowest step of writing a letter.
Inline = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A variant that fits, or that was trimmed as much as possible."""

    #: The trimmed variant, with its `trims`.
    variant: Variant
    #: Its page, with the style sheet inlined.
    html: str


def fit_variant(
    variant: Variant,
    draw: Draw,
    inline: Inline,
    *,
    language: str,
    max_bytes: int = MAX_BYTES,
) -> Fitted:
    """Trim a variant step by step until its page has at most `max_bytes` of UTF-8.

    The saving of each step is estimated from the first page, so at most three pages are inlined.

    Args:
        variant: the variant.
        draw: see `Draw`.
        inline: see `Inline`.
        language: the BCP 47 tag of the posts' language.
        max_bytes: the most bytes of the page.
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
        fits = lambda each: scale.estimate(draw(each)) <= target  # noqa: B023, E731 - called at once
        cut = _cut(variant, steps_for(language), fits)
        if cut == fitted.variant:
            break
        fitted = Fitted(variant=cut, html=inline(draw(cut)))
    return fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One more step of trimming, and what it would leave."""

    #: What would be cut, such as `3 second quotes left out`.
    words: str
    #: About the size of the HTML after it, in bytes.
    size: int


def forecast_cuts(variant: Variant, draw: Draw, html: str, language: str) -> tuple[Cut, ...]:
    """Return what would be cut next if a letter had to be smaller, in order.

    Args:
        variant: the variant as written.
        draw: the function that writes its page.
        html: its page, with the style sheet inlined.
        language: the BCP 47 tag of the posts' language.
    """
    scale = Scale.of(draw(variant), html)
    cuts: list[Cut] = []
    for step in steps_for(language):
        lesser, words = step(variant)
        if words:
            variant = lesser
            cuts.append(Cut(words=words, size=round(scale.estimate(draw(variant)))))
    return tuple(cuts)


def _cut(variant: Variant, steps: tuple[Step, ...], fits: Callable[[Variant], bool]) -> Variant:
    """Apply the steps in order until the variant fits; all steps if it never does."""
    for step in steps:
        lesser, words = step(variant)
        if not words:
            continue
        variant = with_trims(lesser, (*variant.trims, words))
        if fits(variant):
            return variant
    return _hide_fewest(variant, fits)


def _hide_fewest(variant: Variant, fits: Callable[[Variant], bool]) -> Variant:
    """Put posts behind "and N more", as few as are necessary."""
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


#: Bytes reserved for each value of the subscriber; our own links are not longer, see E05.
_PLACE_BYTES = 120

# Style sheets and comments contain no elements of the page.
_NO_ELEMENTS = re.compile(r"<!--.*?-->|<style.*?</style>", re.DOTALL)
_TAG = re.compile(r"<([a-z][a-z0-9]*)(?: [^>]*)?>")
_CLASS = re.compile(r' class="([^"]*)"')
# Entities that inlining replaces with their characters.
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot);)#?\w{1,8};")

_Kind = tuple[str, str]


def measure(page: str) -> int:
    """Return the size of a page in UTF-8 bytes, with the longest values in personal places."""
    places = sum(max(0, _PLACE_BYTES - len(mark)) for mark in MARK.findall(page))
    return len(page.encode()) + places


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The bytes that inlining adds to each kind of element, measured on one page."""

    #: Mean growth in bytes of each kind: a tag with its classes.
    growth: Mapping[_Kind, float]
    #: Largest mean growth of each tag, for classes that were not on the page.
    most: Mapping[str, float]
    #: Bytes added once per page, whatever its content.
    base: float

    @classmethod
    def of(cls, page: str, inlined: str) -> Scale:
        """Measure the growth from a page before and after inlining."""
        before, after = _tags(page), _tags(inlined)
        grown: dict[_Kind, list[int]] = defaultdict(list)
        # Inlining repairs broken markup of a template; then all growth is in the base.
        if [tag for tag, _, _ in before] == [tag for tag, _, _ in after]:
            for (tag, classes, size), (_, _, new_size) in zip(before, after, strict=True):
                grown[tag, classes].append(new_size - size)
        growth = {kind: sum(sizes) / len(sizes) for kind, sizes in grown.items()}
        most: dict[str, float] = {}
        for (tag, _), mean in growth.items():
            most[tag] = max(mean, most.get(tag, 0))
        bare = cls(growth=growth, most=most, base=0)
        return cls(growth=growth, most=most, base=measure(inlined) - bare.estimate(page))

    def estimate(self, page: str) -> float:
        """Return about the size that `measure` will return for the inlined page."""
        grown = sum(
            self.growth.get((tag, classes), self.most.get(tag, 0))
            for tag, classes, _ in _tags(page)
        )
        return (
            measure(_ENTITY.sub(lambda found: html_words.unescape(found[0]), page))
            + grown
            + self.base
        )


def _tags(page: str) -> list[tuple[str, str, int]]:
    """Return each element's tag, classes and bytes of its opening tag."""
    body = _NO_ELEMENTS.sub("", page)
    found = []
    for match in _TAG.finditer(body):
        classes = _CLASS.search(match[0])
        found.append((match[1], classes[1] if classes else "", len(match[0].encode())))
    return found
