"""Whether a text may be printed as an excerpt: whole, closed, within limits."""

from __future__ import annotations

from digest.text.pairs import is_paired
from digest.text.sentences import ends_sentence

MIN_WORDS = 12
MAX_WORDS = 60
MAX_LEAD_WORDS = 75


def faults_of_excerpt(text: str, language: str, *, is_lead: bool = False) -> tuple[str, ...]:  # noqa: ARG001 - for lists of words
    """List what is wrong with an excerpt, in words for the editor; nothing for an empty one.

    Args:
        text: as printed.
        language: BCP 47 tag, of the newsletter.
        is_lead: whether it stands at the top, where it may be longer.
    """
    size, most = len(text.split()), MAX_LEAD_WORDS if is_lead else MAX_WORDS
    faults = {
        f"has {size} words; at most {most} fit": size > most,
        "leaves a quotation mark or bracket open": not is_paired(text),
        "ends in mid sentence": not ends_sentence(text) or text.endswith(":"),
    }
    # Scripts without spaces are counted otherwise.
    if text.isascii() and size < MIN_WORDS:
        faults[f"has {size} words; under {MIN_WORDS} the title says enough"] = True
    return tuple(fault for fault, is_found in faults.items() if text and is_found)
