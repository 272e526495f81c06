"""Words on which no text that was cut may end: `and`, `der`, `que`."""

from __future__ import annotations

from digest.text.wordlists import COMMON, list_languages, read_list

_BY_LANGUAGE = {
    folder.name: frozenset(read_list(folder, "connectives")) for folder in list_languages(COMMON)
}
_ALL = frozenset().union(*_BY_LANGUAGE.values())


def connectives_of(language: str) -> frozenset[str]:
    """Those of a BCP 47 tag's language, lower case; none where it has no list."""
    return _BY_LANGUAGE.get(language.split("-")[0].lower(), frozenset())


def is_connective(word: str) -> bool:
    """Whether `word` is one in any language: a newsletter quotes posts of every language."""
    return word.lower() in _ALL
