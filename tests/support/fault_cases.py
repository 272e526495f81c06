"""What a mail server may do wrong, and the states that an edition's deliveries must end in.

The states hold however the client works: step by step, pipelined, over several connections. Where
a pipelining client cannot know as much, `chained` names the states and the comment says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.ledger_rows import address
from tests.support.smtp_sink import Action, Key, say

#: What the server of a case offers if the case does not say.
EXTENSIONS = ("8BITMIME", "SMTPUTF8")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCase:
    """A server's behaviour and the end of each delivery."""

    name: str
    #: Settings of `ScriptedSink`.
    server: Mapping[str, Any] = field(default_factory=dict)
    #: Settings of `Relay`.
    relay: Mapping[str, Any] = field(default_factory=dict)
    #: The expected state of each row in order; `|` between those that are equally right.
    states: tuple[str, ...]
    #: The same for a client that pipelines; empty: `states`.
    chained: tuple[str, ...] = ()
    #: Part of the reason that is stored with the second row.
    reason: str = ""
    #: Part of the error that the run ends with; empty: it ends with a report.
    error: str = ""
    #: Whether the client must wait until a time limit.
    is_silent: bool = False
    #: The addresses of subscribers who have another one than `userN@example.org`.
    addresses: Mapping[int, str] = field(default_factory=dict)

    @property
    def recipients(self) -> dict[int, str]:
        """The address of each row."""
        usual = {number: address(number) for number in range(1, len(self.states) + 1)}
        return usual | dict(self.addresses)


# --- a fault under the second of three mails ----------------------------------------------------

MAIL, RCPT, DATA, MIDDLE, DOT, LONE_DOT = (
    ("bounce2@example.org", "MAIL"),
    *(("user2@example.org", step) for step in ("RCPT", "DATA", "middle", "dot", "lone dot")),
)


def second_mail(
    name: str,
    key: Key,
    actions: tuple[Action, ...],
    state: str,
    reason: str = "",
    *,
    once: bool = False,
    chained: str = "",
    more: Mapping[Key, tuple[Action, ...]] | None = None,
    third: str = "sent",
    is_drift: bool = False,
) -> FaultCase:
    """Return the case of a fault under the second mail; the others are sent.

    With `is_drift` the server's replies do not fit the commands any more. A pipelining client has
    the content of the first mail on its way then, and may call it unknown: which reply belongs to
    it cannot be told.
    """
    script = {key: actions, **(more or {})}
    server = {"script": script, "once": frozenset(script) if once else frozenset()}
    first = "sent|unknown" if is_drift else "sent"
    return FaultCase(
        name=name,
        server=server,
        states=("sent", state, third),
        chained=(first, chained or state, third),
        reason=reason,
        is_silent=sum(action for action in actions if isinstance(action, float)) > 0.5,
    )


def _third(step: str) -> Key:
    return ("user3@example.org", step)


CLOSING: tuple[Action, ...] = (say("421 4.3.2 bye"), "close")
SILENCE: tuple[Action, ...] = (3.0, "close")
_LONG_LINE = b"250 " + b"x" * 9000
_ENDLESS = b"250-x\r\n" * 8000


def dribble(start: bytes) -> tuple[Action, ...]:
    return (*((start, 0.1) * 30), "close")


ENVELOPE = (
    second_mail("nothing is wrong", ("nobody", "MAIL"), (), "sent"),
    second_mail("MAIL 451", MAIL, (say("451 4.3.0 later"),), "deferred", "transient"),
    second_mail("MAIL 421", MAIL, CLOSING, "deferred", "returned"),
    second_mail("MAIL 421 once", MAIL, CLOSING, "sent", once=True),
    second_mail("MAIL cut", MAIL, ("close",), "deferred", "MAIL: connection lost"),
    second_mail("MAIL cut once", MAIL, ("close",), "sent", once=True),
    second_mail("MAIL reset once", MAIL, ("reset",), "sent", once=True),
    second_mail("MAIL silent once", MAIL, SILENCE, "sent", once=True),
    second_mail("MAIL garbage once", MAIL, (b"hello\r\n",), "sent", once=True),
    second_mail("RCPT 550", RCPT, (say("550 5.1.1 no such user"),), "failed", "refused"),
    second_mail(
        "RCPT 553 of two lines",
        RCPT,
        (b"553-5.1.3 bad\r\n553 5.1.3 name\r\n",),
        "failed",
        "refused",
    ),
    second_mail("RCPT 552", RCPT, (say("552 5.2.2 full"),), "failed", "full"),
    second_mail("RCPT 552 5.3.4", RCPT, (say("552 5.3.4 too big"),), "deferred", "policy"),
    second_mail("RCPT 554", RCPT, (say("554 blocked"),), "deferred", "policy"),
    second_mail("RCPT 452", RCPT, (say("452 4.2.2 full"),), "deferred", "transient"),
    second_mail("RCPT 450 4.2.0", RCPT, (say("450 4.2.0 come back"),), "deferred", "greylisted"),
    second_mail("RCPT 451 4.7.1", RCPT, (say("451 4.7.1 come back"),), "deferred", "greylisted"),
    second_mail("RCPT 550 5.7.1", RCPT, (say("550 5.7.1 policy"),), "deferred", "policy"),
    second_mail("RCPT 251", RCPT, (say("251 will forward"),), "sent"),
    second_mail("RCPT 421", RCPT, CLOSING, "deferred"),
    second_mail("RCPT 421 once", RCPT, CLOSING, "sent", once=True),
    second_mail("RCPT cut", RCPT, ("close",), "deferred"),
    second_mail("RCPT reset once", RCPT, ("reset",), "sent", once=True),
    second_mail("RCPT in pieces", RCPT, (b"250 o", 0.02, b"k\r", 0.02, b"\n"), "sent"),
    second_mail("RCPT late", RCPT, (0.2, b"250 ok\r\n"), "sent"),
    second_mail("RCPT 354 once", RCPT, (say("354 odd"),), "sent", once=True, is_drift=True),
    second_mail("RCPT garbage once", RCPT, (b"hello world\r\n",), "sent", once=True),
    second_mail("RCPT long line once", RCPT, (_LONG_LINE + b"\r\n",), "sent", once=True),
    second_mail("RCPT endless line once", RCPT, (_LONG_LINE * 5,), "sent", once=True),
    second_mail("RCPT endless lines once", RCPT, (_ENDLESS,), "sent", once=True),
    second_mail("RCPT code changes once", RCPT, (b"250-x\r\n550 y\r\n",), "sent", once=True),
    second_mail("RCPT silent once", RCPT, SILENCE, "sent", once=True),
    second_mail("RCPT dribble once", RCPT, dribble(b"250-x\r\n"), "sent", once=True),
    second_mail(
        "RCPT two answers once", RCPT, (b"250 ok\r\n250 ok\r\n",), "sent", once=True, is_drift=True
    ),
    second_mail("DATA 451", DATA, (say("451 4.3.0 later"),), "deferred", "transient"),
    second_mail("DATA 452", DATA, (say("452 4.3.1 no room"),), "deferred", "transient"),
    second_mail("DATA 554", DATA, (say("554 5.6.0 never"),), "deferred", "policy"),
    second_mail("DATA 550", DATA, (say("550 5.1.1 no such user"),), "deferred", "policy"),
    second_mail("DATA 421", DATA, CLOSING, "deferred"),
    second_mail("DATA 421 once", DATA, CLOSING, "sent", once=True),
    second_mail("DATA cut", DATA, ("close",), "deferred"),
    second_mail("DATA cut once", DATA, ("close",), "sent", once=True),
    second_mail("DATA reset once", DATA, ("reset",), "sent", once=True),
    second_mail("DATA 250 once", DATA, (say("250 odd"),), "sent", once=True, is_drift=True),
    second_mail("DATA in pieces", DATA, (b"354 g", 0.02, b"o\r", 0.02, b"\n"), "sent"),
    second_mail("DATA garbage once", DATA, (b"\x16\x03\x01\r\n",), "sent", once=True),
    second_mail("DATA silent once", DATA, SILENCE, "sent", once=True),
    second_mail("DATA dribble once", DATA, dribble(b"354-x\r\n"), "sent", once=True),
    second_mail(
        "DATA two answers",
        DATA,
        (b"354 go\r\n250 ok\r\n",),
        "deferred",
        "unasked",
        is_drift=True,
    ),
)

#: The content left, in part or whole: without an answer it is unknown.
CONTENT = (
    # Deferred where the client sees the end before it has sent a byte of the content.
    second_mail("cut after 354", DATA, (say("354 go"), "close"), "unknown|deferred"),
    second_mail("content cut in the middle", MIDDLE, ("close",), "unknown"),
    second_mail("content reset in the middle", MIDDLE, ("reset",), "unknown"),
    second_mail("content 421 in the middle", MIDDLE, CLOSING, "deferred", "transient"),
    second_mail(
        "content 452 in the middle", MIDDLE, (say("452 full"), "close"), "deferred", "transient"
    ),
    second_mail("content read slowly", MIDDLE, (0.2,), "sent"),
    second_mail("dot 250 of two lines", DOT, (b"250-queued\r\n250 as 1\r\n",), "sent"),
    second_mail(
        "dot 250 in pieces", DOT, (b"25", 0.03, b"0 qu", 0.03, b"eued\r", 0.03, b"\n"), "sent"
    ),
    second_mail("dot 250 of long lines", DOT, (b"250-" + b"x" * 1500 + b"\r\n250 ok\r\n",), "sent"),
    second_mail("dot 451", DOT, (say("451 4.3.0 later"),), "deferred", "transient"),
    second_mail("dot 452", DOT, (say("452 4.3.1 no room"),), "deferred", "transient"),
    second_mail("dot 450 greylisted", DOT, (say("450 4.7.1 come back"),), "deferred", "greylisted"),
    second_mail("dot 554 5.6.0", DOT, (say("554 5.6.0 never"),), "deferred", "policy"),
    second_mail("dot 550 5.1.1", DOT, (say("550 5.1.1 no such user"),), "failed", "refused"),
    second_mail("dot 552 5.2.2", DOT, (say("552 5.2.2 mailbox full"),), "failed", "full"),
    second_mail("dot 554 5.7.1", DOT, (say("554 5.7.1 spam"),), "deferred", "policy"),
    second_mail("dot 421", DOT, CLOSING, "deferred", "transient"),
    second_mail("dot 421 without a close", DOT, (say("421 4.3.2 bye"),), "deferred", "transient"),
    second_mail("dot cut", DOT, ("close",), "unknown", "content: connection lost"),
    second_mail("dot reset", DOT, ("reset",), "unknown"),
    second_mail("dot half an answer", DOT, (b"250 qu", "close"), "unknown"),
    second_mail("dot silent", DOT, SILENCE, "unknown", "content: timed out"),
    second_mail("dot dribble", DOT, dribble(b"250-x\r\n"), "unknown"),
    second_mail("dot dribble of bytes", DOT, dribble(b"2"), "unknown"),
    second_mail("dot garbage", DOT, (b"OK thanks\r\n",), "unknown", "content: no valid answer"),
    second_mail("dot empty line", DOT, (b"250-ok\r\n\r\n",), "unknown", "content: no valid answer"),
    second_mail("dot 100", DOT, (b"100 odd\r\n",), "unknown", "content: no valid answer"),
    second_mail("dot 354", DOT, (say("354 odd"),), "unknown"),
    second_mail("dot 334", DOT, (say("334 odd"),), "unknown"),
    second_mail(
        "dot stray 250 before the 554",
        DOT,
        (b"250 ok\r\n554 no\r\n",),
        "unknown",
        is_drift=True,
    ),
    # The same before a mail whose replies hide it: they come late, or are refusals.
    *(
        second_mail(
            f"dot stray 250 before the 554, and the next mail {name}",
            DOT,
            (b"250 ok\r\n554 no\r\n",),
            "unknown",
            more=more,
            third=third,
            is_drift=True,
        )
        for name, more, third in (
            ("is late", {_third("DATA"): (0.3, say("354 go on"))}, "sent"),
            (
                "has a refused recipient",
                {_third("RCPT"): (say("451 4.3.0 later"),), _third("DATA"): (0.3, say("554 no"))},
                "deferred",
            ),
            (
                "has a refused sender",
                {("bounce3@example.org", "MAIL"): (say("451 4.3.0 later"),)},
                "deferred",
            ),
        )
    ),
    # A client with the next envelope on its way takes the stray answer for that of MAIL; the last
    # one shows that they have shifted, and which one was the dot's cannot be told.
    second_mail(
        "dot 250 and a stray 250",
        DOT,
        (say("250 ok"), 0.05, say("250 ok")),
        "sent",
        chained="unknown",
    ),
    second_mail(
        "dot code changes within", DOT, (b"250-ok\r\n550 no\r\n",), "unknown", "no valid answer"
    ),
    second_mail("dot endless line", DOT, (_LONG_LINE,), "unknown", "no valid answer"),
    second_mail("dot endless lines", DOT, (_ENDLESS,), "unknown", "no valid answer"),
    second_mail("dot 250 then cut", DOT, (say("250 ok"), "close"), "sent"),
    second_mail("dot 250 then reset", DOT, (say("250 ok"), 0.05, "reset"), "sent"),
    second_mail("dot 250 then 421", DOT, (b"250 ok\r\n421 bye\r\n", "close"), "sent"),
    second_mail("dot 554 then cut", DOT, (say("554 5.6.0 never"), "close"), "deferred", "policy"),
    second_mail("dot 250 with bare LF", DOT, (b"250 ok\n",), "sent"),
    second_mail("dot 250 alone", DOT, (b"250\r\n",), "sent"),
    second_mail("dot 250 with NUL and latin-1", DOT, (b"250 \0\xe9\r\n",), "sent"),
)


def _refused_but_data(code: str, state: str) -> Iterator[FaultCase]:
    """Yield what a server may say to DATA, and to the dot that ends it, after a refused RCPT.

    Only a client that pipelines has sent DATA by then.
    """
    refusal = {RCPT: (say(code),)}
    for said, actions in {
        "503": (say("503 5.5.1 RCPT first"),),
        "554": (say("554 5.5.1 no valid recipients"),),
        "451": (say("451 4.3.0 later"),),
        "421": CLOSING,
    }.items():
        yield second_mail(f"RCPT {code[:9]}, DATA {said}", DATA, actions, state, more=refusal)
    go = refusal | {DATA: (say("354 go"),)}
    for said, dot in {
        "554": (say("554 5.5.1 no valid recipients"),),
        "250": (say("250 queued"),),
        "421": CLOSING,
        "cut": ("close",),
    }.items():
        name = f"RCPT {code[:9]}, DATA 354, lone dot {said}"
        yield second_mail(name, LONE_DOT, dot, state, more=go)
    # Replies that do not fit are no reason to fail anyone.
    yield second_mail(
        f"RCPT {code[:9]}, DATA 250",
        DATA,
        (say("250 odd"),),
        state,
        more=refusal,
        chained=f"deferred|{state}",
        is_drift=True,
    )


PIPELINED = (
    *_refused_but_data("550 5.1.1 no such user", "failed"),
    *_refused_but_data("451 4.3.0 later", "deferred"),
    *_refused_but_data("550 5.7.1 policy", "deferred"),
    second_mail(
        "MAIL 451, RCPT and DATA accepted",
        MAIL,
        (say("451 4.3.0 later"),),
        "deferred",
        "transient",
        more={RCPT: (say("250 ok"),), DATA: (say("554 5.5.1 no valid recipients"),)},
    ),
    second_mail(
        "RSET refused",
        RCPT,
        (say("550 5.1.1 no such user"),),
        "failed",
        more={("*", "RSET"): (say("500 what"),)},
    ),
    second_mail(
        "RSET cut",
        RCPT,
        (say("550 5.1.1 no such user"),),
        "failed",
        more={("*", "RSET"): ("close",)},
    ),
    second_mail(
        "RSET 421",
        RCPT,
        (say("550 5.1.1 no such user"),),
        "failed",
        more={("*", "RSET"): CLOSING},
    ),
    second_mail("QUIT 421", ("*", "QUIT"), CLOSING, "sent"),
    second_mail("QUIT cut", ("*", "QUIT"), ("close",), "sent"),
    second_mail("QUIT garbage", ("*", "QUIT"), (b"hello\r\n",), "sent"),
)


def single_faults() -> tuple[FaultCase, ...]:
    """Return the faults of one mail that need no waiting and leave the mails around it alone."""
    return tuple(
        case
        for case in (*ENVELOPE, *CONTENT, *PIPELINED)
        if not case.is_silent
        and case.chained == case.states
        and not any(who == "*" for who, _ in case.server["script"])
    )


def moved(faults: Mapping[int, FaultCase], rows: int, *, name: str) -> FaultCase:
    """Return one case with the faults of many, each moved to the mail of this number."""
    script: dict[Key, tuple[Action, ...]] = {}
    once: set[Key] = set()
    for number, case in faults.items():
        for (who, step), actions in case.server["script"].items():
            key = (who.replace("2@", f"{number}@"), step)
            script[key] = actions
            if (who, step) in case.server["once"]:
                once.add(key)
    ends = {number: case.states[1] for number, case in faults.items()}
    return FaultCase(
        name=name,
        server={"script": script, "once": frozenset(once)},
        states=tuple(ends.get(number, "sent") for number in range(1, rows + 1)),
    )
