"""Formats dates and finds the text direction for a language; defines the templates' filters."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_skeleton
from jinja2.filters import do_default
from markupsafe import Markup

from digest.letter.printing.days import local_time
from digest.letter.printing.message import MARK
from digest.letter.printing.view import LetterView, OwnPlace
from digest.text.catalogue import translations_for
from digest.text.days import first_of_month
from digest.text.languages import base_of, locale_of
from digest.text.measure import language_of

NBSP = "\N{NO-BREAK SPACE}"
#: The marks of a quotation inside another, by the mark that opens the outer one.
_INNER_MARKS = {"“": ("‘", "’"), "„": ("‚", "‘"), "«": ("“", "”")}
# A quotation in double marks; not inches, as in `a 5" gun`.
_QUOTATION = re.compile(r"(?<!\w)[“„\"](?=\S)([^“”„\"]+)(?<=\S)[”“\"](?!\w)")
#: Days in which a weekday names one day.
_WEEK = 7


def first_strong(text: str) -> str:
    """Return the direction of the first strong character (UAX 9, rule P2); empty without one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return "ltr"
        if kind in {"R", "AL"}:
            return "rtl"
    return ""


def weekday_date(when: datetime, *, language: str, timezone: str) -> str:
    """Return a date with its weekday, as a line of its own: `Friday, November 20, 2026`."""
    shown = day_in_sentence(when, language=language, timezone=timezone)
    # Many languages write weekdays in lower case, but a line begins with a capital.
    return shown[:1].upper() + shown[1:]


def day_in_sentence(when: datetime, *, language: str, timezone: str) -> str:
    """Return a date with its weekday, within a sentence: `lundi 7 décembre 2026`."""
    local = local_time(when, timezone)
    return first_of_month(format_date(local, "full", locale=locale_of(language)), local, language)


@lru_cache(maxsize=1024)  # each variant prints the same posts
def post_date(when: datetime, *, printed: datetime, language: str, timezone: str) -> str:
    """Return a post's date as short as it is clear, with no-break spaces.

    Within the seven days up to the letter's own it is the weekday, `Tuesday`; in the letter's year
    the day and month, `Nov 17`; else with its year, `Nov 17, 2025`.

    Args:
        when: the post's time.
        printed: the letter's time.
        language: BCP 47 tag.
        timezone: IANA name of the zone of both days.
    """
    local, today = local_time(when, timezone), local_time(printed, timezone)
    days = (today.date() - local.date()).days
    if 0 <= days < _WEEK:
        shown = format_date(local, "EEEE", locale=locale_of(language))
        return shown[:1].upper() + shown[1:]
    skeleton = "MMMd" if local.year == today.year else "yMMMd"
    shown = format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=locale_of(language))
    return first_of_month(shown, local, language).replace(" ", NBSP)


def nest_quotation(text: str, language: str) -> str:
    """Return the words of a quotation; quotations inside it get the inner marks of the language.

    So `“Open” is the word` is printed in its own marks as `“‘Open’ is the word”`.
    """
    outer = translations_for(language).gettext("“%(text)s”")[0]
    first, last = _INNER_MARKS.get(outer, _INNER_MARKS["“"])
    return _QUOTATION.sub(lambda found: f"{first}{found[1]}{last}", text)


#: Columns at which plain text is wrapped (RFC 3676 section 4.2 advises 66 to 78).
TEXT_WIDTH = 72


def dir_attribute(text: str, direction: str) -> str:
    """Return ` dir="…"` if the text's direction differs from the letter's, else nothing."""
    own = first_strong(MARK.sub("", text))
    return Markup(' dir="{}"').format(own) if own and own != direction else ""


def attributes(text: str, letter: LetterView) -> str:
    """Return `lang` and `dir` of a post's text, each if it differs from the letter's, else nothing.

    A screen reader changes its voice by `lang` (WCAG 2.2, success criterion 3.1.2).
    """
    own = language_of(MARK.sub("", text), letter.post_language)
    direction = dir_attribute(text, letter.direction)
    if own == base_of(letter.language):
        return direction
    return Markup(' lang="{}"').format(own) + direction


def unbroken(text: str) -> str:
    """Return a short phrase with no-break spaces, so that it stays on one line."""
    return text.replace(" ", NBSP)


def px(size: float, scale: float) -> str:
    """Return a type size in pixels, multiplied by the letter's scale."""
    return f"{round(size * scale)}px"


#: Stands for a value of usual length while lines are broken.
_STAND_IN = "\ue000" * 8


def wrap(text: str, *, indent: str = "") -> str:
    """Break plain text into lines of at most 72 characters, placed values of usual length."""
    marks = MARK.findall(text)
    lines = textwrap.fill(
        MARK.sub(_STAND_IN, text),
        TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=not marks,
    )
    for mark in marks:
        lines = lines.replace(_STAND_IN, mark, 1)
    return lines


def quoted(text: str) -> str:
    """Break plain text into lines marked as a quotation."""
    return wrap(text, indent="  > ")


def default(value: Any, fallback: Any = "", boolean: bool = False) -> Any:
    """Return what is printed for a missing value; a subscriber's value is only known later."""
    if isinstance(value, OwnPlace):
        return value.with_fallback(str(fallback))
    return do_default(value, fallback, boolean)


FILTERS: dict[str, Callable[..., Any]] = {
    "attributes": attributes,
    "d": default,
    "default": default,
    "dir_attribute": dir_attribute,
    "lines": str.splitlines,
    "px": px,
    "quoted": quoted,
    "unbroken": unbroken,
    "wrap": wrap,
}
