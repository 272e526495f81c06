"""The languages that the program's own words are translated to; `catalogue` loads the words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError

#: The folder with one catalogue for each language.
LOCALE_FOLDER = files("digest.text") / "locale"
#: The language of the words in the templates and the code.
SOURCE_LANGUAGE = "en"
#: Base languages (BCP 47) with every word translated.
LANGUAGES = (
    SOURCE_LANGUAGE,
    *sorted(
        path.name.removesuffix(".po")
        for path in LOCALE_FOLDER.iterdir()
        if path.name.endswith(".po")
    ),
)


#: Further base languages that posts may be in: their excerpts and comments have rules of their own,
#: the words around them are English.
OF_POSTS = tuple("cs da el fa fi he it ja ko nb nl pl pt ru sv tr uk ur zh".split())  # noqa: SIM905


def is_known(language: str) -> bool:
    """Return whether posts in the language of a BCP 47 tag have rules of their own."""
    return base_of(language) in (*LANGUAGES, *OF_POSTS)


def language_of_words(language: str) -> str:
    """Return the tag of a letter's own words: that of its posts if there are translations."""
    return language if is_spoken(language) else SOURCE_LANGUAGE


def is_spoken(language: str) -> bool:
    """Return whether there are translations for the language of a BCP 47 tag."""
    return base_of(language) in LANGUAGES


def base_of(language: str) -> str:
    """Return the base language of a BCP 47 tag, such as `pt` for `pt-BR`."""
    return language.partition("-")[0].lower()


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale of a BCP 47 tag; if unknown, of its plain language, else English."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def direction_of(language: str) -> str:
    """Return `ltr` or `rtl`, the direction in which the language is read."""
    return str(locale_of(language).text_direction)
