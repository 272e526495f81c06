"""Loads the translations of the program's own words: gettext catalogues under `locale/`.

A catalogue is one PO file, read when its language is first needed. To add a language, add a file.
"""

from __future__ import annotations

import gettext
import io
from functools import cache

from digest.loading import on_demand
from digest.text.languages import LANGUAGES, LOCALE_FOLDER, SOURCE_LANGUAGE, base_of

#: English needs no catalogue, and so not Babel's slow modules for them.
_babel_messages = on_demand("babel.messages")


def translations_for(language: str) -> gettext.NullTranslations:
    """Return the translations for the language of a BCP 47 tag; English if there are none."""
    return _read(base_of(language))


@cache
def _read(base: str) -> gettext.NullTranslations:
    if base == SOURCE_LANGUAGE or base not in LANGUAGES:
        return gettext.NullTranslations()
    read_po = _babel_messages("pofile").read_po
    catalogue = read_po(io.BytesIO((LOCALE_FOLDER / f"{base}.po").read_bytes()), locale=base)
    compiled = io.BytesIO()
    _babel_messages("mofile").write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
