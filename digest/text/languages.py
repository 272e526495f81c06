"""The languages in which the program has words of its own; the words are in `catalogue`."""

from __future__ import annotations

from importlib.resources import files

#: One catalogue a language.
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


def is_spoken(language: str) -> bool:
    """Whether there are words in the language of a BCP 47 tag."""
    return base_of(language) in LANGUAGES


def base_of(language: str) -> str:
    """Return the base language of a BCP 47 tag, such as `pt` of `pt-BR`."""
    return language.partition("-")[0].lower()
