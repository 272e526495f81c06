"""One edition to three subscribers; the server fails at subscriber 2 in every way we know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.models import DeliveryState
from digest.sender.relay import Relay, Timeouts
from digest.sender.request import SendRequest
from digest.sender.run import run_edition
from digest.sender.smtp.mailer import SmtpMailer
from tests.support.ledger_rows import address, build, fixed_clock, open_ledger, reasons, states
from tests.support.smtp_sink import Action, Key, ScriptedSink, say

SENT, DEFERRED, FAILED, UNKNOWN = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)
SENDER, SUBSCRIBER = "bounce2@example.org", address(2)
MAIL, RCPT, DATA, MIDDLE, DOT = (
    (SENDER, "MAIL"),
    (SUBSCRIBER, "RCPT"),
    (SUBSCRIBER, "DATA"),
    (SUBSCRIBER, "middle"),
    (SUBSCRIBER, "dot"),
)


@dataclass(frozen=True)
class Case:
    name: str
    key: Key
    actions: tuple[Action, ...]
    state: DeliveryState
    reason: str = ""
    #: Only the first time; then the server works again.
    once: bool = False


CASES = (
    Case("all is well", ("nobody", "MAIL"), (), SENT),
    # MAIL: 4xx is temporary; after a broken connection the mail is sent over a new one.
    Case("MAIL 451", MAIL, (say("451 4.3.0 later"),), DEFERRED, "transient"),
    Case("MAIL 421", MAIL, (say("421 bye"), "close"), DEFERRED, "returned"),
    Case("MAIL 421 once", MAIL, (say("421 bye"), "close"), SENT, once=True),
    Case("MAIL cut", MAIL, ("close",), DEFERRED, "MAIL: connection lost"),
    Case("MAIL cut once", MAIL, ("close",), SENT, once=True),
    Case("MAIL silent once", MAIL, (1.0, "close"), SENT, once=True),
    Case("MAIL garbage once", MAIL, (b"hello\r\n",), SENT, once=True),
    # RCPT: about the subscriber.
    Case("RCPT 550", RCPT, (say("550 5.1.1 no such user"),), FAILED, "refused"),
    Case(
        "RCPT 553 of two lines", RCPT, (b"553-5.1.3 bad\r\n553 5.1.3 name\r\n",), FAILED, "refused"
    ),
    Case("RCPT 552", RCPT, (say("552 5.2.2 full"),), FAILED, "full"),
    Case("RCPT 552 5.3.4", RCPT, (say("552 5.3.4 too big"),), DEFERRED, "policy"),
    Case("RCPT 554", RCPT, (say("554 blocked"),), DEFERRED, "policy"),
    Case("RCPT 452", RCPT, (say("452 4.2.2 full"),), DEFERRED, "transient"),
    Case("RCPT 450 4.2.0", RCPT, (say("450 4.2.0 come back"),), DEFERRED, "greylisted"),
    Case("RCPT 451 4.7.1", RCPT, (say("451 4.7.1 come back"),), DEFERRED, "greylisted"),
    Case("RCPT 550 5.7.1", RCPT, (say("550 5.7.1 policy"),), DEFERRED, "policy"),
    Case("RCPT 251", RCPT, (say("251 will forward"),), SENT),
    Case("RCPT 421 once", RCPT, (say("421 bye"), "close"), SENT, once=True),
    Case("RCPT cut", RCPT, ("close",), DEFERRED),
    Case("RCPT reset once", RCPT, ("reset",), SENT, once=True),
    Case("RCPT in pieces", RCPT, (b"250 o", 0.02, b"k\r", 0.02, b"\n"), SENT),
    Case("RCPT 354, out of step, once", RCPT, (say("354 odd"),), SENT, once=True),
    Case("RCPT endless lines once", RCPT, (b"250-x\r\n" * 9000,), SENT, once=True),
    Case("RCPT silent once", RCPT, (1.0, "close"), SENT, once=True),
    # DATA: marked, but no content was sent.
    Case("DATA 451", DATA, (say("451 4.3.0 later"),), DEFERRED, "transient"),
    Case("DATA 554", DATA, (say("554 5.6.0 never"),), DEFERRED, "policy"),
    Case("DATA 421 once", DATA, (say("421 bye"), "close"), SENT, once=True),
    Case("DATA cut", DATA, ("close",), DEFERRED),
    Case("DATA cut once", DATA, ("close",), SENT, once=True),
    Case("DATA 250, out of step, once", DATA, (say("250 odd"),), SENT, once=True),
    Case("DATA silent once", DATA, (1.0, "close"), SENT, once=True),
    # The content was sent, in part or whole: without an answer it is unknown.
    Case("content cut in the middle", MIDDLE, ("close",), UNKNOWN),
    Case("content reset in the middle", MIDDLE, ("reset",), UNKNOWN),
    Case("content 421 in the middle", MIDDLE, (say("421 bye"), "close"), DEFERRED, "transient"),
    Case("content 452 in the middle", MIDDLE, (say("452 full"), "close"), DEFERRED, "transient"),
    Case("dot 451", DOT, (say("451 4.3.0 later"),), DEFERRED, "transient"),
    Case("dot 554", DOT, (say("554 5.6.0 never"),), DEFERRED, "policy"),
    Case("dot 550 5.1.1", DOT, (say("550 5.1.1 no such user"),), FAILED, "refused"),
    Case("dot 554 5.7.1", DOT, (say("554 5.7.1 spam"),), DEFERRED, "policy"),
    Case("dot 421", DOT, (say("421 bye"), "close"), DEFERRED, "transient"),
    Case("dot cut", DOT, ("close",), UNKNOWN, "content: connection lost"),
    Case("dot reset", DOT, ("reset",), UNKNOWN),
    Case("dot half an answer", DOT, (b"250 qu", "close"), UNKNOWN),
    Case("dot silent", DOT, (1.0, "close"), UNKNOWN, "content: timed out"),
    Case("dot dribble", DOT, (*((b"250-x\r\n", 0.1) * 8), "close"), UNKNOWN),
    Case("dot garbage", DOT, (b"OK thanks\r\n",), UNKNOWN, "content: no valid answer"),
    Case("dot 354, out of step", DOT, (say("354 odd"),), UNKNOWN),
    Case("dot stray 250 before the true 554", DOT, (b"250 ok\r\n554 no\r\n",), UNKNOWN, "unasked"),
    Case("dot 250 and a stray 250", DOT, (say("250 ok"), 0.05, say("250 ok")), SENT),
    Case("DATA 354 and a stray 250", DATA, (b"354 go\r\n250 ok\r\n",), DEFERRED, "DATA: unasked"),
    Case("dot code changes within", DOT, (b"250-ok\r\n550 no\r\n",), UNKNOWN, "no valid answer"),
    Case("dot endless line", DOT, (b"250 " + b"x" * 9000,), UNKNOWN, "no valid answer"),
    Case("dot 250 then cut", DOT, (say("250 ok"), "close"), SENT),
    Case("dot 250 then 421", DOT, (b"250 ok\r\n421 bye\r\n", "close"), SENT),
    Case("dot 250 with bare LF", DOT, (b"250 ok\n",), SENT),
    Case("dot 250 with NUL and latin-1", DOT, (b"250 \0\xe9\r\n",), SENT),
)


@pytest.mark.anyio
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_fault_of_the_server_is_judged_by_its_step(case: Case, tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 3)
    once = frozenset({case.key}) if case.once else frozenset[Key]()
    async with ScriptedSink(script={case.key: case.actions}, once=once) as sink:
        await run_edition(database, one_line_to(sink.port), clock=fixed_clock())
    assert states(database) == {1: SENT, 2: case.state, 3: SENT}
    assert case.reason in reasons(database)[2]
    assert max(sink.accepted.values()) == 1
    if case.state in (DEFERRED, FAILED):
        assert sink.accepted[SUBSCRIBER] == 0


def one_line_to(port: int) -> SendRequest:
    quick = Timeouts(connect_s=5, command_s=0.4, data_s=0.4, content_s=0.5)
    relay = Relay(host="127.0.0.1", port=port, security="none", timeouts=quick)
    return SendRequest(
        edition_id=1, build=build, open_mailer=lambda: SmtpMailer((relay,)), connections=1
    )
