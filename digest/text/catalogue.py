"""The program's own words in the languages it speaks: gettext catalogues under `locale/`.

A catalogue is a PO file and nothing else; it is read when its language is first asked for. Adding a
language is adding a file.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_FOLDER = files("digest.text") / "locale"

#: The language of the words in the templates and the code.
SOURCE_LANGUAGE = "en"
#: Base languages (BCP 47) with every word translated.
LANGUAGES = (
    SOURCE_LANGUAGE,
    *sorted(
        path.name.removesuffix(".po") for path in _FOLDER.iterdir() if path.name.endswith(".po")
    ),
)


def is_spoken(language: str) -> bool:
    """Whether there are words in the language of a BCP 47 tag."""
    return _base_of(language) in LANGUAGES


def translations_for(language: str) -> gettext.NullTranslations:
    """Give the words of a BCP 47 tag's language; English where there are none."""
    return _read(_base_of(language))


def _base_of(language: str) -> str:
    return language.partition("-")[0].lower()


@cache
def _read(base: str) -> gettext.NullTranslations:
    if base == SOURCE_LANGUAGE or base not in LANGUAGES:
        return gettext.NullTranslations()
    catalogue = read_po(io.BytesIO((_FOLDER / f"{base}.po").read_bytes()), locale=base)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
