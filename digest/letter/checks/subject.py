"""E12: the line by which a reader decides to open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.exhibit import Exhibit
from digest.letter.subject import MAX_SUBJECT, SHOWN_SUBJECT
from digest.models import Finding

_FALSE_REPLY = re.compile(r"^\s*(?:re|fw|fwd|aw|wg)\s*:", re.IGNORECASE)
_MIN_CAPITALS = 8


def check_subject(exhibit: Exhibit) -> Iterator[Finding]:
    """E12: empty, long, broken over lines; shouting; pretending to be an answer."""
    subject = exhibit.variant.subject
    if not subject.strip():
        yield _finding("is empty")
    elif "\n" in subject or "\r" in subject:
        yield _finding("has a line break")
    elif len(subject) > MAX_SUBJECT:
        yield _finding(f"has {len(subject)} characters; at most {MAX_SUBJECT}")
    else:
        for fault in _doubts(subject, exhibit.edition.last_subject):
            yield _finding(fault, is_error=False)


def _doubts(subject: str, last_subject: str) -> Iterator[str]:
    if subject == last_subject:
        yield "is last edition's; some mail programs fold the two into one"
    if len(subject) > SHOWN_SUBJECT:
        yield f"has {len(subject)} characters; phones show {SHOWN_SUBJECT}"
    letters = [character for character in subject if character.isalpha()]
    if len(letters) >= _MIN_CAPITALS and subject.isupper():
        yield "is all capitals"
    if "!!" in subject:
        yield "shouts with !!"
    if _FALSE_REPLY.match(subject):
        yield "looks like an answer to a mail that the reader never wrote"


def _finding(fault: str, *, is_error: bool = True) -> Finding:
    return Finding(rule="E12", is_error=is_error, place="subject", text=f"the subject {fault}")
