from __future__ import annotations

import pytest

from digest.models import Reply
from digest.sender.attempt import Fate
from digest.sender.replies import Phase, enhanced_status, is_expected, judge

MAIL, RCPT, DATA, CONTENT = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.CONTENT


@pytest.mark.parametrize(
    ("phase", "answer", "fate"),
    [
        (CONTENT, "250 2.0.0 queued", Fate.SENT),
        (CONTENT, "251 odd, but taken", Fate.SENT),
        # For now.
        (MAIL, "451 4.3.0 later", Fate.TRANSIENT),
        (MAIL, "452 4.3.1 no room", Fate.TRANSIENT),
        (RCPT, "450 4.2.1 busy", Fate.TRANSIENT),
        (RCPT, "452 4.2.2 full", Fate.TRANSIENT),
        (DATA, "451 4.3.0 later", Fate.TRANSIENT),
        (CONTENT, "454 4.7.0 throttling", Fate.TRANSIENT),
        (CONTENT, "450 4.7.28 too many", Fate.TRANSIENT),
        # Greylisting, by status or by word.
        (RCPT, "450 4.2.0 come back", Fate.GREYLISTED),
        (RCPT, "451 4.7.1 come back", Fate.GREYLISTED),
        (RCPT, "450 Greylisted, try in 300 s", Fate.GREYLISTED),
        (RCPT, "451 you are gray-listed", Fate.GREYLISTED),
        (CONTENT, "451 4.7.1 come back", Fate.GREYLISTED),
        (RCPT, "452 4.7.1 not greylisting by its code", Fate.TRANSIENT),
        # The connection ends: nothing has happened before the content.
        (MAIL, "421 4.3.2 bye", Fate.RETURNED),
        (RCPT, "421 4.7.0 bye", Fate.RETURNED),
        (DATA, "421 bye", Fate.RETURNED),
        (CONTENT, "421 4.7.0 bye", Fate.TRANSIENT),
        # For good, and about the subscriber or the message.
        (RCPT, "550 5.1.1 no such user", Fate.REFUSED),
        (RCPT, "550 no such user", Fate.REFUSED),
        (RCPT, "550 <the recipient>: User unknown in relay recipient table", Fate.REFUSED),
        (RCPT, "550 sorry, no mailbox here by that name. (#5.1.1)", Fate.REFUSED),
        (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by lookup", Fate.REFUSED),
        (RCPT, "550 this account doesn't exist", Fate.REFUSED),
        (RCPT, "553 5.1.3 bad address", Fate.REFUSED),
        (RCPT, "556 5.1.10 takes no mail", Fate.REFUSED),
        (RCPT, "550 5.2.1 The account is disabled, see https://x.example/policy", Fate.REFUSED),
        (CONTENT, "550 5.1.1 no such user", Fate.REFUSED),
        # A full mailbox.
        (RCPT, "552 5.2.2 full", Fate.FULL),
        (RCPT, "550 5.2.2 The account that you tried to reach is over quota", Fate.FULL),
        (RCPT, "552 5.2.2 mailbox size limit exceeded", Fate.FULL),
        (CONTENT, "552 The recipient's mailbox is full", Fate.FULL),
        # Not certainly the recipient's fault.
        (RCPT, "551 moved", Fate.POLICY),
        (RCPT, "550 no", Fate.POLICY),
        (RCPT, "550 Requested action not taken: mailbox unavailable", Fate.POLICY),
        (RCPT, "550 5.5.0 mailbox not found", Fate.POLICY),
        (RCPT, "554 no such user", Fate.POLICY),
        (CONTENT, "550 no such user", Fate.POLICY),
        # Words of policy, block lists and rates overrule the code.
        (RCPT, "550 5.1.1 user unknown: blocked by policy", Fate.POLICY),
        (RCPT, "550 5.2.1 The user is receiving mail too quickly", Fate.POLICY),
        (RCPT, "550 Sender verify failed: no such user", Fate.POLICY),
        (RCPT, "550 5.1.0 Sender address rejected: User unknown", Fate.POLICY),
        (RCPT, "552 5.2.2 Message would take you over your relay quota", Fate.POLICY),
        # About the message or the relay.
        (DATA, "554 no valid recipients", Fate.POLICY),
        (RCPT, "552 5.3.4 too big", Fate.POLICY),
        (CONTENT, "552 5.3.4 too big", Fate.POLICY),
        (CONTENT, "552 message size exceeds fixed maximum", Fate.POLICY),
        (CONTENT, "554 5.6.0 bad content", Fate.POLICY),
        (RCPT, "550 5.4.5 Daily user sending limit exceeded", Fate.POLICY),
        (DATA, "550 5.4.5 Daily user sending limit exceeded", Fate.POLICY),
        (RCPT, "552 Message would take you over your relay quota of 500", Fate.POLICY),
        (RCPT, "552 Your account has exceeded its sending quota", Fate.POLICY),
        (RCPT, "550 relay not permitted", Fate.POLICY),
        (RCPT, "554 blocked", Fate.POLICY),
        (RCPT, "553 that domain isn't in my list of allowed rcpthosts", Fate.POLICY),
        # About us.
        (RCPT, "550 5.7.1 relaying denied", Fate.POLICY),
        (RCPT, "554 5.7.1 blocked", Fate.POLICY),
        (CONTENT, "550 5.7.26 not authenticated", Fate.POLICY),
        (CONTENT, "550 5.7.515 access denied", Fate.POLICY),
        (MAIL, "550 5.7.1 not from here", Fate.BLOCKED),
        (MAIL, "553 5.1.8 no such sender domain", Fate.BLOCKED),
        (MAIL, "530 5.7.0 log in first", Fate.BLOCKED),
        (RCPT, "530 5.7.1 log in first", Fate.BLOCKED),
        (RCPT, "535 5.7.8 wrong", Fate.BLOCKED),
        (CONTENT, "538 5.7.11 needs encryption", Fate.BLOCKED),
        # Out of step.
        (MAIL, "354 go on", Fate.RETURNED),
        (RCPT, "354 go on", Fate.RETURNED),
        (DATA, "250 ok", Fate.RETURNED),
        (DATA, "600 what", Fate.RETURNED),
        (CONTENT, "354 go on", Fate.UNKNOWN),
        (CONTENT, "150 odd", Fate.UNKNOWN),
        (CONTENT, "999 odd", Fate.UNKNOWN),
    ],
)
def test_an_answer_is_judged_by_its_step(phase: Phase, answer: str, fate: Fate) -> None:
    assert judge(phase, Reply(code=int(answer[:3]), text=answer[4:])) is fate


@pytest.mark.parametrize(
    ("phase", "code", "goes_on"),
    [
        (MAIL, 250, True),
        (RCPT, 251, True),
        (DATA, 354, True),
        (DATA, 250, False),
        (RCPT, 354, False),
        (MAIL, 450, False),
    ],
)
def test_only_the_expected_answer_continues_the_transaction(
    phase: Phase, code: int, goes_on: bool
) -> None:
    assert is_expected(phase, Reply(code=code, text="")) is goes_on


@pytest.mark.parametrize(
    ("text", "status"),
    [("5.7.515 no", "5.7.515"), ("no 5.7.1", ""), ("", ""), ("5.7.1x", ""), ("3.1.1 no", "")],
)
def test_an_enhanced_status_is_read_at_the_start_only(text: str, status: str) -> None:
    assert enhanced_status(Reply(code=550, text=text)) == status
