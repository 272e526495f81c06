"""The program's own words in the languages it speaks: gettext catalogues under `locale/`.

A catalogue is a PO file and nothing else; it is read when its language is first asked for. Adding a
language is adding a file.
"""

from __future__ import annotations

import gettext
import io
from functools import cache

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from digest.text.languages import LANGUAGES, LOCALE_FOLDER, SOURCE_LANGUAGE, base_of


def translations_for(language: str) -> gettext.NullTranslations:
    """Give the words of a BCP 47 tag's language; English where there are none."""
    return _read(base_of(language))


@cache
def _read(base: str) -> gettext.NullTranslations:
    if base == SOURCE_LANGUAGE or base not in LANGUAGES:
        return gettext.NullTranslations()
    catalogue = read_po(io.BytesIO((LOCALE_FOLDER / f"{base}.po").read_bytes()), locale=base)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
