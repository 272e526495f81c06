"""Interprets a mail server's reply by the step that it answers.

The code alone is not enough: 550 to MAIL is about us, 550 to RCPT about the subscriber (RFC 5321
section 4.2, RFC 3463).
"""

from __future__ import annotations

import re
from enum import StrEnum

from digest.models import Reply
from digest.sender.attempt import Fate


class Phase(StrEnum):
    """The step of a mail transaction that a reply belongs to."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    #: The content and its closing dot.
    CONTENT = "content"


_EXPECTED = {Phase.MAIL: 2, Phase.RCPT: 2, Phase.DATA: 3, Phase.CONTENT: 2}

#: The server closes the connection (RFC 5321 section 3.8).
CLOSING = 421

#: Login is required, too weak, wrong or needs encryption (RFC 4954 section 6).
_NOT_LOGGED_IN = frozenset({530, 534, 535, 538})

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
_GREYLISTING_CODES = frozenset({450, 451})
_GREYLISTING_STATUS = frozenset({"4.7.1", "4.2.0"})
_GREYLISTING_WORDS = re.compile(r"gr[ae]y-?list", re.IGNORECASE)


def is_expected(phase: Phase, reply: Reply) -> bool:
    """Whether the transaction continues after this reply."""
    return reply.code // 100 == _EXPECTED[phase]


def judge(phase: Phase, reply: Reply) -> Fate:
    """Decide how the attempt ends after a reply.

    A reply that does not fit its step means that client and server are out of step: before the
    content nothing was sent; after it the fate is unknown.
    """
    if phase is Phase.CONTENT and is_expected(phase, reply):
        return Fate.SENT
    if reply.code == CLOSING:
        return Fate.TRANSIENT if phase is Phase.CONTENT else Fate.RETURNED
    if 400 <= reply.code < 500:
        return Fate.GREYLISTED if _is_greylisting(reply) else Fate.TRANSIENT
    if 500 <= reply.code < 600:
        return _judge_refusal(phase, reply)
    return Fate.UNKNOWN if phase is Phase.CONTENT else Fate.RETURNED


def _judge_refusal(phase: Phase, reply: Reply) -> Fate:
    if reply.code in _NOT_LOGGED_IN or phase is Phase.MAIL:
        return Fate.BLOCKED
    return Fate.POLICY if enhanced_status(reply).startswith("5.7.") else Fate.REFUSED


def _is_greylisting(reply: Reply) -> bool:
    return reply.code in _GREYLISTING_CODES and (
        enhanced_status(reply) in _GREYLISTING_STATUS
        or _GREYLISTING_WORDS.search(reply.text) is not None
    )


def enhanced_status(reply: Reply) -> str:
    """Return the enhanced status code at the start of a reply, such as `5.1.1`; else empty."""
    found = _ENHANCED.match(reply.text)
    return found.group() if found else ""
