"""Judges what the refusal of a mail by its recipient's server means for the subscriber. Pure."""

from __future__ import annotations

import re

from digest.bounces.classes import BounceClass, Effect, Verdict
from digest.models import SessionRefusal
from digest.sender.attempt import Fate, Fault
from digest.sender.replies import Phase, judge
from digest.sender.retry import MIN_ATTEMPTS

#: The reason of a delivery that was tried until it was too old.
_EXPIRED = "expired"
#: Deliveries that failed for another reason, such as `lost`, may have a reply of an earlier try.
_BY_REPLY = frozenset({Fate.REFUSED.value, Fate.FULL.value, _EXPIRED})
#: There is no such mailbox; at the start of a reply, or after a number sign as qmail writes it.
_NO_MAILBOX = re.compile(r"(?:\A|#)5\.1\.(?:1|10)\b")

_GONE = Verdict(bounce_class=BounceClass.HARD, effect=Effect.SUPPRESS)
_GONE_TO_CONFIRM = Verdict(bounce_class=BounceClass.HARD, effect=Effect.CONFIRM)
_FULL = Verdict(bounce_class=BounceClass.SOFT, effect=Effect.SCORE)


def judge_refusal(refusal: SessionRefusal) -> Verdict | None:
    """Return what a refusal means for the subscriber; None if it is not the recipient's fault.

    Only 5.1.1 and 5.1.10 suppress at once. The other refusals of a mailbox that does not exist or
    is disabled (5.1.2, 5.1.3, 5.1.6, 5.2.1, and words without a code) also come from servers that
    are set up wrongly for a day, so that a later edition must confirm them. A full mailbox is
    counted.

    A mail that expired was refused for now until the end; that counts only for a full mailbox, and
    not if the edition was given up after a few attempts. A permanent refusal before that was not
    believed by the sender, because the relay accepted no mail.
    """
    verdict = judge(Phase.RCPT, refusal.reply)
    if refusal.reason not in _BY_REPLY or verdict.fault is not Fault.RECIPIENT:
        return None
    if refusal.reason == _EXPIRED:
        is_tried = refusal.attempts >= MIN_ATTEMPTS
        return _FULL if is_tried and refusal.reply.code < 500 else None
    if verdict.fate is Fate.FULL:
        return _FULL
    return _GONE if _NO_MAILBOX.search(refusal.reply.text) else _GONE_TO_CONFIRM
