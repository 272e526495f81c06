"""Formats percentages in the languages of the mail."""

from __future__ import annotations

from babel.numbers import format_percent

from digest.text.languages import locale_of


def percent_text(percent: int, language: str) -> str:
    """Return whole percent as printed in a language: `62%`, or with a no-break space `62 %`."""
    return format_percent(percent / 100, locale=locale_of(language))
