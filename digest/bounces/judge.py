"""Judges what a mail that came back means for the subscriber whom it concerns.

Pure. The words come before the codes because servers often send a code that contradicts them; words
of policy come before all others because a refused sender says nothing about the recipient.
"""

from __future__ import annotations

import re

from digest.bounces.classes import BounceClass, Effect, Verdict
from digest.bounces.parse import Kind, Mail, Report
from digest.bounces.rules import RULES

_OF_RULE = {
    "policy": (BounceClass.POLICY, Effect.NOTHING),
    "full": (BounceClass.SOFT, Effect.SCORE),
    "soft": (BounceClass.SOFT, Effect.SCORE),
    "message": (BounceClass.MESSAGE, Effect.NOTHING),
    "hard": (BounceClass.HARD, Effect.SUPPRESS),
    "unconfirmed": (BounceClass.HARD, Effect.CONFIRM),
    "": (BounceClass.AMBIGUOUS, Effect.SCORE),
}
_HARD = ("hard", "unconfirmed")
_MILDER = ("policy", "message", "full", "unconfirmed")
_NOTHING = Verdict(bounce_class=BounceClass.NONE, effect=Effect.NOTHING)
#: The complaint types of RFC 5965 section 7.3 that ask for an end; `not-spam` asks for none.
_NOT_COMPLAINTS = frozenset({"not-spam", "virus", "auth-failure", "dmarc"})
#: Actions after which nothing has failed for good (RFC 3464 section 2.3.3).
_NOT_FAILED = ("delay", "deliver", "relay", "expand")

#: A temporary reply (RFC 5321 section 4.2.1), whatever its words.
_TRANSIENT = re.compile(r"\W{0,20}4[0-5]\d\b(?!\.)")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
#: Sendmail writes `a@example.org...User unknown`: the dots end the address.
_ADDRESSES = re.compile(r"[^\s<>]{1,128}@[^\s<>.]{1,63}(?:\.[^\s<>.]{1,63}){0,9}")
#: Host names and numeric addresses; a name ends in a short top-level domain.
_NAMES = re.compile(r"\b(?:[\w-]{1,63}\.){1,10}[a-z\d]{1,8}\b", re.IGNORECASE)
_LINKS = re.compile(r"https?://\S{1,500}", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def judge_mail(mail: Mail) -> tuple[Verdict, ...]:
    """Return one verdict for each report of a mail; exactly one if it is no bounce."""
    if mail.kind is Kind.COMPLAINT:
        return (_judge_complaint(mail.feedback),)
    if not mail.reports or mail.kind is Kind.UNSUBSCRIBE:
        return (_NOTHING,)
    return tuple(judge_report(report, mail) for report in mail.reports)


def judge_report(report: Report, mail: Mail) -> Verdict:
    """Judge what a bounce says about one recipient.

    Args:
        report: the report.
        mail: the mail that it is part of; its text is used where the report gives no reason.
    """
    if report.action.startswith(_NOT_FAILED):
        return _NOTHING
    if mail.kind is Kind.BOUNCE and RULES.says("delay", _words(f"{mail.subject}\n{mail.text}")):
        return _NOTHING
    said = (
        _judge_words(report.diagnostic)
        or (_is_telling(report.status) and RULES.class_by_code(report.status))
        or _judge_words(mail.text)
        or RULES.class_by_code(report.status)
    )
    if said in _HARD and report.is_transient:
        said = "soft"
    bounce_class, effect = _OF_RULE[said]
    return Verdict(bounce_class=bounce_class, effect=effect, status=report.status)


def _judge_complaint(feedback: str) -> Verdict:
    if feedback in _NOT_COMPLAINTS:
        return _NOTHING
    return Verdict(bounce_class=BounceClass.COMPLAINT, effect=Effect.LEAVE_ALL)


def _judge_words(text: str) -> str:
    """Return the rule that a server's words fall under, else that of its codes."""
    found = RULES.class_by_words(_words(text))
    codes = filter(_is_telling, _STATUS.findall(text))
    by_code = next(filter(None, map(RULES.class_by_code, codes)), "")
    if found in _HARD and _TRANSIENT.match(text):
        return "soft"
    # Where they differ the milder one holds: nobody loses the newsletter by a doubtful report.
    if found in ("", "soft") or (found in _HARD and by_code in _MILDER):
        return by_code or found
    return found


def _is_telling(status: str) -> bool:
    """Whether a code says more than that something failed."""
    return bool(status) and not status.endswith((".0.0", ".5.0"))


def _words(text: str) -> str:
    """Return a text on one line, without addresses and host names; links to block lists count."""
    text = _LINKS.sub(_name_link, _ADDRESSES.sub(" ", text))
    # Some servers write `MAILBOX_FULL`.
    return _SPACE.sub(" ", _NAMES.sub(" ", text).replace("_", " "))


def _name_link(link: re.Match[str]) -> str:
    return " block list " if RULES.says("block_list", link.group()) else " "
