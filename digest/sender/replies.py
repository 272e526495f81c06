"""Interprets a mail server's reply by the step that it answers.

A permanent refusal is the recipient's fault only if its code and its words say so: no such mailbox,
or a full one. Every other refusal is about the message, the sender or the relay (RFC 5321 section
4.2, RFC 3463), and must not count against a subscriber.
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
NOT_LOGGED_IN = frozenset({530, 534, 535, 538})

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
_GREYLISTING_CODES = frozenset({450, 451})
_GREYLISTING_STATUS = frozenset({"4.7.1", "4.2.0"})
_GREYLISTING_WORDS = re.compile(r"gr[ae]y-?list", re.IGNORECASE)

#: Enhanced status codes of a mailbox that does not exist or takes no mail any more.
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_NO_MAILBOX_CODES = frozenset({550, 551, 553})
_FULL_MAILBOX = "5.2.2"
_FULL_MAILBOX_CODE = 552
#: Temporary refusals of greylisting and rate limits: they say nothing about the relay.
_RATE_CODES = frozenset({CLOSING, 450, 451})

#: Web addresses, host names and status codes, whose words mean nothing here.
_NAMES = re.compile(r"https?://\S+|[\w-]+(?:\.[\w-]+)+")

_WHO = r"(?:user|mailbox|recipient|account|address|addressee|inbox|customer|person)"
_NOT = r"""(?:
    unknown | invalid | unrecogni[sz]ed | non-?existent | no | no\s+longer
  | (?:no|not\s+a)\s+(?:such|known|valid) | not\s+(?:found|known|exist)
  | (?:do|does|did|is|are|was)(?:n['’]t|\s+not)\s+(?:exist|found|known|valid|here)
)"""
#: "User unknown", "no such mailbox", "the account that you tried to reach does not exist".
_NO_MAILBOX_WORDS = re.compile(
    rf"\b{_NOT}\s+(?:\w+\s+)?{_WHO}\b | \b{_WHO}s?\b[^.;]{{0,60}}?\b(?!no\b){_NOT}\b",
    re.IGNORECASE | re.VERBOSE,
)
_FULL_WORDS = re.compile(
    r"""\b(?:mailbox|inbox|recipient|user|account|storage)\b.{0,60}?\b(?:full|quota|exceed\w*)\b
    | \bfull\s+(?:mailbox|inbox)\b""",
    re.IGNORECASE | re.VERBOSE,
)
#: Words of policy, block lists, rates and relaying.
_POLICY_WORDS = r"""
    polic(?:y|ies) | spam | junk | phish | virus | malware | unsolicited | bulk | abus | complain
  | reputation | block | (?:black|deny)-?\s?list | \brbl\b | (?<!not\s)\blisted\b | banned
  | \brelay(?:s|ing|ed)?\b(?!\s+recipient) | \bclient\b | sender | authenticat
  | \b(?:spf|dkim|dmarc|ptr|helo|ehlo|ip)\b
  | permi(?:t|ssion) | not\s+allowed | authori[sz] | denied | prohibit | forbid
  | \brate\b | too\s+(?:many|fast|quickly|often) | throttl | \bsending\b
  | \b(?:daily|hourly)\b | \bper\s+(?:day|hour|minute)\b
  | \byour\s+(?:\w+\s+)?(?:quota|limit) | \byou\s+(?:have|are)\b.*(?:quota|limit|exceed)
"""
#: They overrule the code of a full mailbox.
_OVERRULES_FULL = re.compile(_POLICY_WORDS, re.IGNORECASE | re.VERBOSE)
#: They overrule a code about the recipient, and so do words about the mail's size and content.
_OVERRULES = re.compile(
    rf"{_POLICY_WORDS} | \blimit | quota | content | too\s+(?:large|big|long)",
    re.IGNORECASE | re.VERBOSE,
)


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


def is_login_required(reply: Reply | None) -> bool:
    """Whether a relay refuses because the login is missing or wrong."""
    return reply is not None and reply.code in NOT_LOGGED_IN


def is_of_rate(reply: Reply | None) -> bool:
    """Whether a reply is a temporary one of greylisting or a rate limit."""
    return reply is not None and reply.code in _RATE_CODES


def _judge_refusal(phase: Phase, reply: Reply) -> Fate:
    # The sender's address alone was refused: every other mail would be too.
    if is_login_required(reply) or phase is Phase.MAIL:
        return Fate.BLOCKED
    words = _NAMES.sub(" ", reply.text)
    if _is_full(reply, words):
        return Fate.FULL
    return Fate.REFUSED if _is_no_mailbox(phase, reply, words) else Fate.POLICY


def _is_full(reply: Reply, words: str) -> bool:
    status = enhanced_status(reply)
    says_so = status == _FULL_MAILBOX or (
        reply.code == _FULL_MAILBOX_CODE and not status and _FULL_WORDS.search(words)
    )
    return bool(says_so) and _OVERRULES_FULL.search(words) is None


def _is_no_mailbox(phase: Phase, reply: Reply, words: str) -> bool:
    if _OVERRULES.search(words):
        return False
    if status := enhanced_status(reply):
        return status in _NO_MAILBOX
    return (
        phase is Phase.RCPT
        and reply.code in _NO_MAILBOX_CODES
        and _NO_MAILBOX_WORDS.search(words) is not None
    )


def _is_greylisting(reply: Reply) -> bool:
    return reply.code in _GREYLISTING_CODES and (
        enhanced_status(reply) in _GREYLISTING_STATUS
        or _GREYLISTING_WORDS.search(reply.text) is not None
    )


def enhanced_status(reply: Reply) -> str:
    """Return the enhanced status code at the start of a reply, such as `5.1.1`; else empty."""
    found = _ENHANCED.match(reply.text)
    return found.group() if found else ""


#: The id after "queued as" or "id=".
_QUEUE_ID = re.compile(
    r"\b(?:queued\s+(?:mail\s+for\s+delivery\s+)?as|(?:queue-?\s?|message-?\s?)?id)\b[\s:=]*<?([\w.+@=/-]{4,})",
    re.IGNORECASE,
)


def queue_id(reply: Reply) -> str:
    """Return the id under which a server stored an accepted mail; empty if it named none."""
    found = _QUEUE_ID.search(reply.text) if reply.code // 100 == 2 else None
    return found.group(1).rstrip(".") if found else ""
