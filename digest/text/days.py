"""Writes days with their month in words.

The words of the program's main languages are in word lists, because a mail prints a day for its
subscriber, and Babel takes 4 MB and 20 ms to load them.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache

from digest.loading import on_demand
from digest.text.languages import base_of, locale_of
from digest.text.wordlists import COMMON, list_languages, read_list

_ONE = re.compile(r"\b1\b")
_babel = on_demand("babel")


@lru_cache(maxsize=4096)
def long_day(day: date, language: str) -> str:
    """Return a day with its month in words: `March 3, 2025`.

    Args:
        day: the day.
        language: BCP 47 tag.
    """
    if words := _words_of(language):
        form, *months = words
        shown = form.format(day=day.day, month=months[day.month - 1], year=day.year)
    else:
        shown = _babel("dates").format_date(day, "long", locale=locale_of(language))
    return first_of_month(shown, day, language)


def first_of_month(shown: str, day: date, language: str) -> str:
    """Write the first day in French as an ordinal, which CLDR does not do."""
    is_first = day.day == 1 and base_of(language) == "fr"
    return _ONE.sub("1er", shown, count=1) if is_first else shown


@cache
def _words_of(language: str) -> tuple[str, ...]:
    """Return the form of a day and the twelve months; empty if there is no list."""
    folders = {folder.name: folder for folder in list_languages(COMMON)}
    return read_list(folders[language], "days") if language in folders else ()
