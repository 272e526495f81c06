"""The gate against slander: crimes and hints near a name. True or not, nobody can check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.composer.gate.scorn import sentence_around
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.words import Words
from digest.models import Reason

#: A crime and a name this near to each other.
_NEAR = 120
#: A hint and a name.
_NEAR_HINT = 200
#: A crime and an office.
_NEAR_OFFICE = 60

_FULL_NAME = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Herr|Frau|Monsieur|Madame|M\.|Mme|Don|Doña|Señora?)\.? [A-ZÄÖÜÉ]\w+"
    r"|\b[A-ZÄÖÜÉ]\w+ (?:(?:von|van|de|la|del) ){0,2}[A-ZÄÖÜÉ]\w+"
)
#: Two words with capitals, of which the last is one of these, are no person.
_PLACES = frozenset(
    """road street lane avenue close hill park bridge house hall church school college university
    hospital station club council company trust society association times post gazette news kingdom
    states america europe england zealand york coast river lake valley island bay city county court
    party bank act day month year press""".split()  # noqa: SIM905
)


def find_slander(text: str, matter: Matter, words: Words) -> Reason | None:
    """Why a comment may be slander; None where it is none.

    Args:
        text: of the comment.
        matter: who is named in the post and who talks under it.
        words: the lists of its language.
    """
    lower = text.replace("’", "'").lower()
    if len(lower) != len(text) or not words.dubious.find(lower):
        return None
    accused = _find_accused(text, lower, words) or _find_stranger(text, lower, matter, words)
    return Reason(code="accusation", text=f"accuses somebody: “{accused}”") if accused else None


def _find_accused(text: str, lower: str, words: Words) -> str:
    """A crime laid to the charge of somebody named, or of the holder of an office."""
    for at in words.accusations.locate(lower):
        if name := _FULL_NAME.search(text[max(0, at - _NEAR) : at + _NEAR]):
            return name[0]
        if office := words.offices.find(lower[max(0, at - _NEAR_OFFICE) : at + _NEAR_OFFICE]):
            return office
    return ""


def _find_stranger(text: str, lower: str, matter: Matter, words: Words) -> str:
    """Somebody near a hint whom neither the post nor the thread knows."""
    hints = list(words.suspicions.locate(lower))
    harsh = list(words.harsh.locate(lower))
    passages = [text[max(0, at - _NEAR_HINT) : at + _NEAR_HINT] for at in hints]
    passages += ["".join(sentence_around(text, at)) for at in harsh]
    return next((name for each in passages for name in _strangers(each, matter, words)), "")


def _strangers(passage: str, matter: Matter, words: Words) -> Iterator[str]:
    for name in _FULL_NAME.finditer(passage):
        parts = name[0].lower().split()
        is_person = parts[-1] not in _PLACES and parts[0] not in words.stopwords
        if is_person and parts[-1] not in matter.known_names:
            yield name[0]
