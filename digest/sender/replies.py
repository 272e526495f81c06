"""Interprets a mail server's reply by the step that it answers.

A permanent refusal is the recipient's fault only if its code and its words say so: no such mailbox,
or a full one. Every other refusal is about the message, the sender or the relay (RFC 5321 section
4.2, RFC 3463), or ends by waiting, and must not count against a subscriber. The rules are in
`replies.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from digest.models import Reply
from digest.sender.attempt import Fate, Fault
from digest.sender.reply_rules import Rule, load_rules


class Phase(StrEnum):
    """The step of a mail transaction that a reply belongs to."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    #: The content and its closing dot.
    CONTENT = "content"


#: The rule of temporary refusals that give no reason.
LATER = "later"
#: The rule of servers that end a session after some mails.
SESSION_LIMIT = "session-limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The meaning of a reply that ends an attempt."""

    fate: Fate
    fault: Fault
    #: The rule that decided: an `id` in `replies.toml`, `accepted` or `out-of-step`.
    rule: str


_ACCEPTED = Verdict(fate=Fate.SENT, fault=Fault.NONE, rule="accepted")
_OUT_OF_STEP = Verdict(fate=Fate.RETURNED, fault=Fault.NONE, rule="out-of-step")
_UNANSWERED = Verdict(fate=Fate.UNKNOWN, fault=Fault.NONE, rule="out-of-step")

_EXPECTED = {Phase.MAIL: 2, Phase.RCPT: 2, Phase.DATA: 3, Phase.CONTENT: 2}

#: The server closes the connection (RFC 5321 section 3.8).
CLOSING = 421

#: Login is required, too weak, wrong or needs encryption (RFC 4954 section 6).
NOT_LOGGED_IN = frozenset({530, 534, 535, 538})

#: Temporary refusals of greylisting and rate limits: they say nothing about the relay.
_RATE_CODES = frozenset({CLOSING, 450, 451})

#: At the start of a reply (RFC 2034), or after a number sign as qmail and Cisco write it.
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")
_MARKED = re.compile(r"#([245]\.\d{1,3}\.\d{1,3})\b")

#: Longer replies are cut: no server says anything new after this.
_MAX_CHARS = 4000
#: Web addresses, mail addresses, and then host names and status codes.
_ADDRESSES = re.compile(r"https?://\S+|(?<![^\s<>()\[\],;:])[^\s<>()\[\],;:@]*+@[^\s<>()\[\],;:]*")
_NAMES = re.compile(r"(?<![\w.-])[\w-]++(?:\.[\w-]++|(?!))++")
_SPACE = re.compile(r"\s+")

#: How accepting replies name the message in the server's queue.
_QUEUE_ID = re.compile(
    r"""\bqueued\ as\ ([\w.-]{1,64})          # Postfix
    | \bid=([\w.-]{1,64})                   # Exim
    | \bInternalId=(\d{1,20})              # Exchange
    | \bqp\ (\d{1,20})                     # qmail
    | (?<!\S)(\S{1,64})\ -\ gsmtp          # Gmail
    | (?<!\S)(?!\d\.)([\w.-]{1,64})\ (?:message\ accepted|saved\b)  # Sendmail, Dovecot
    | \bmessage\ queued\ \(([\w.-]{1,64})\)  # Haraka
    | ^(?:2\.\d\.\d\ )?ok:?\ ([\w-]{16,100})\s*$  # Amazon SES
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_expected(phase: Phase, reply: Reply) -> bool:
    """Whether the transaction continues after this reply."""
    return reply.code // 100 == _EXPECTED[phase]


def judge(phase: Phase, reply: Reply) -> Verdict:
    """Decide how the attempt ends after a reply, and whose fault it is.

    A reply that does not fit its step means that client and server are out of step: before the
    content nothing was sent; after it the fate is unknown.
    """
    if phase is Phase.CONTENT and is_expected(phase, reply):
        return _ACCEPTED
    if not 400 <= reply.code < 600:
        return _UNANSWERED if phase is Phase.CONTENT else _OUT_OF_STEP
    rule = find_rule(phase, reply, load_rules())
    return Verdict(fate=_fate(phase, reply, rule), fault=rule.fault, rule=rule.id)


def find_rule(phase: Phase, reply: Reply, rules: tuple[Rule, ...]) -> Rule:
    """Return the first rule that a refusal falls under; the last one fits each."""
    text = reply.text[:_MAX_CHARS]
    facts = (phase, str(reply.code), _status(text), read_words(text), text)
    return next((rule for rule in rules if rule.fits(*facts)), rules[-1])


def is_login_required(reply: Reply | None) -> bool:
    """Whether a relay refuses because the login is missing or wrong."""
    return reply is not None and reply.code in NOT_LOGGED_IN


def wants_encryption(reply: Reply | None) -> bool:
    """Whether a relay refuses because the connection is not encrypted (RFC 3207 section 4)."""
    return reply is not None and reply.code in NOT_LOGGED_IN and "STARTTLS" in reply.text.upper()


def is_of_rate(reply: Reply | None) -> bool:
    """Whether a reply is a temporary one of greylisting or a rate limit."""
    return reply is not None and reply.code in _RATE_CODES


def enhanced_status(reply: Reply) -> str:
    """Return the enhanced status code at the start of a reply, such as `5.1.1`; else empty."""
    found = _ENHANCED.match(reply.text)
    return found.group() if found else ""


def queue_id(reply: Reply) -> str:
    """Return the id that an accepting reply gives the message in the server's queue; else empty."""
    found = _QUEUE_ID.search(reply.text[:_MAX_CHARS]) if reply.code // 100 == 2 else None
    return found[found.lastindex or 0] if found else ""


def read_words(text: str) -> str:
    """Return a reply's text without what only looks like words: addresses, links, names, codes."""
    return _SPACE.sub(" ", _NAMES.sub(" ", _ADDRESSES.sub(" ", text)))


def _fate(phase: Phase, reply: Reply, rule: Rule) -> Fate:
    if reply.code == CLOSING:
        return Fate.TRANSIENT if phase is Phase.CONTENT else Fate.RETURNED
    if reply.code < 500:
        return Fate.GREYLISTED if rule.fate is Fate.GREYLISTED else Fate.TRANSIENT
    if phase is Phase.MAIL and rule.fault is not Fault.MESSAGE:
        # The sender's address alone was refused: every other mail would be too.
        return Fate.BLOCKED
    return Fate.POLICY if rule.fate in (None, Fate.GREYLISTED) else rule.fate


def _status(text: str) -> str:
    found = _ENHANCED.match(text) or _MARKED.search(text)
    return found[1] if found else ""
