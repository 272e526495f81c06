"""E12, E13: check the subject and the preheader, the two lines that an inbox shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.letter.plain import one_line
from digest.letter.planning.subject import (
    BETWEEN,
    MAX_PREHEADER,
    MAX_SUBJECT,
    MIN_PREHEADER,
    SHOWN_SUBJECT,
)
from digest.models import Edition, Finding
from digest.text.counted import counted

_FALSE_REPLY = re.compile(r"^\s*(?:re|fw|fwd|aw|wg)\s*:", re.IGNORECASE)
_MIN_CAPITALS = 8


def check_subject(context: LintContext) -> Iterator[Finding]:
    """E12: not empty, too long or on two lines; no shouting, no false reply."""
    subject = context.variant.subject
    if not subject.strip():
        yield _finding("is empty")
    elif "\n" in subject or "\r" in subject:
        yield _finding("has a line break")
    elif len(subject) > MAX_SUBJECT:
        yield _finding(f"has {len(subject)} characters, allowed are at most {MAX_SUBJECT}")
    else:
        for fault in _weaknesses(subject, context.edition):
            yield _finding(fault, is_error=False)


def check_preheader(context: LintContext) -> Iterator[Finding]:
    """E13: present, hidden, unlike the subject and the last preheader, 40 to 110 characters."""
    preheader = one_line(context.variant.preheader)
    hidden = [one_line(each.words) for each in context.elements if not each.is_shown]
    if not preheader:
        yield _of_preheader("is empty")
    elif preheader not in hidden:
        yield _of_preheader("is not hidden in the page; fix the template")
    elif preheader == one_line(context.variant.subject):
        yield _of_preheader("repeats the subject")
    elif preheader == one_line(context.edition.last_preheader):
        yield _of_preheader("is the same as in the last edition", is_error=False)
    elif not MIN_PREHEADER <= len(preheader) <= MAX_PREHEADER:
        length = f"has {counted(len(preheader), 'character')}, recommended are"
        yield _of_preheader(f"{length} {MIN_PREHEADER} to {MAX_PREHEADER}", is_error=False)


def _weaknesses(subject: str, edition: Edition) -> Iterator[str]:
    if subject == edition.last_subject:
        yield "is the same as in the last edition, so some mail programs group the two mails"
    # A count after the title is ours; cut off, it is no loss.
    if len(subject.partition(BETWEEN)[0]) > SHOWN_SUBJECT:
        yield f"has {len(subject)} characters, but phones show only {SHOWN_SUBJECT}"
    letters = [character for character in subject if character.isalpha()]
    if len(letters) >= _MIN_CAPITALS and subject.isupper():
        yield "is in capitals"
    if "!!" in subject:
        yield "contains !!"
    if _FALSE_REPLY.match(subject):
        yield "looks like a reply to a mail that the subscriber never wrote"


def _finding(fault: str, *, is_error: bool = True) -> Finding:
    return Finding(rule="E12", is_error=is_error, place="subject", text=f"the subject {fault}")


def _of_preheader(fault: str, *, is_error: bool = True) -> Finding:
    text = f"the preheader {fault}"
    return Finding(rule="E13", is_error=is_error, place="preheader", text=text)
