"""What a mail server may do wrong, and the states that an edition's deliveries must end in.

The states hold however the client works: step by step, pipelined, over several connections. Where
a pipelining client cannot know as much, `chained` names the states and the comment says why.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.ledger_rows import address
from tests.support.smtp_sink import Action, Key, say

#: What the server of a case offers if the case does not say.
EXTENSIONS = ("8BITMIME", "SMTPUTF8")
TLS = Path(__file__).parents[1] / "data" / "tls"
CA = str(TLS / "ca.pem")


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


def _second(
    name: str,
    key: Key,
    actions: tuple[Action, ...],
    state: str,
    reason: str = "",
    *,
    once: bool = False,
    chained: str = "",
    more: Mapping[Key, tuple[Action, ...]] | None = None,
    is_drift: bool = False,
    **others: Any,
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
        states=("sent", state, "sent"),
        chained=(first, chained or state, "sent"),
        reason=reason,
        is_silent=sum(action for action in actions if isinstance(action, float)) > 0.5,
        **others,
    )


_CLOSING = (say("421 4.3.2 bye"), "close")
_SILENCE = (3.0, "close")
_LONG_LINE = b"250 " + b"x" * 9000
_ENDLESS = b"250-x\r\n" * 8000


def _dribble(start: bytes) -> tuple[Action, ...]:
    return (*((start, 0.1) * 30), "close")


ENVELOPE = (
    _second("nothing is wrong", ("nobody", "MAIL"), (), "sent"),
    _second("MAIL 451", MAIL, (say("451 4.3.0 later"),), "deferred", "transient"),
    _second("MAIL 421", MAIL, _CLOSING, "deferred", "returned"),
    _second("MAIL 421 once", MAIL, _CLOSING, "sent", once=True),
    _second("MAIL cut", MAIL, ("close",), "deferred", "MAIL: connection lost"),
    _second("MAIL cut once", MAIL, ("close",), "sent", once=True),
    _second("MAIL reset once", MAIL, ("reset",), "sent", once=True),
    _second("MAIL silent once", MAIL, _SILENCE, "sent", once=True),
    _second("MAIL garbage once", MAIL, (b"hello\r\n",), "sent", once=True),
    _second("RCPT 550", RCPT, (say("550 5.1.1 no such user"),), "failed", "refused"),
    _second(
        "RCPT 553 of two lines",
        RCPT,
        (b"553-5.1.3 bad\r\n553 5.1.3 name\r\n",),
        "failed",
        "refused",
    ),
    _second("RCPT 552", RCPT, (say("552 5.2.2 full"),), "failed", "full"),
    _second("RCPT 552 5.3.4", RCPT, (say("552 5.3.4 too big"),), "deferred", "policy"),
    _second("RCPT 554", RCPT, (say("554 blocked"),), "deferred", "policy"),
    _second("RCPT 452", RCPT, (say("452 4.2.2 full"),), "deferred", "transient"),
    _second("RCPT 450 4.2.0", RCPT, (say("450 4.2.0 come back"),), "deferred", "greylisted"),
    _second("RCPT 451 4.7.1", RCPT, (say("451 4.7.1 come back"),), "deferred", "greylisted"),
    _second("RCPT 550 5.7.1", RCPT, (say("550 5.7.1 policy"),), "deferred", "policy"),
    _second("RCPT 251", RCPT, (say("251 will forward"),), "sent"),
    _second("RCPT 421", RCPT, _CLOSING, "deferred"),
    _second("RCPT 421 once", RCPT, _CLOSING, "sent", once=True),
    _second("RCPT cut", RCPT, ("close",), "deferred"),
    _second("RCPT reset once", RCPT, ("reset",), "sent", once=True),
    _second("RCPT in pieces", RCPT, (b"250 o", 0.02, b"k\r", 0.02, b"\n"), "sent"),
    _second("RCPT late", RCPT, (0.2, b"250 ok\r\n"), "sent"),
    _second("RCPT 354 once", RCPT, (say("354 odd"),), "sent", once=True, is_drift=True),
    _second("RCPT garbage once", RCPT, (b"hello world\r\n",), "sent", once=True),
    _second("RCPT long line once", RCPT, (_LONG_LINE + b"\r\n",), "sent", once=True),
    _second("RCPT endless line once", RCPT, (_LONG_LINE * 5,), "sent", once=True),
    _second("RCPT endless lines once", RCPT, (_ENDLESS,), "sent", once=True),
    _second("RCPT code changes once", RCPT, (b"250-x\r\n550 y\r\n",), "sent", once=True),
    _second("RCPT silent once", RCPT, _SILENCE, "sent", once=True),
    _second("RCPT dribble once", RCPT, _dribble(b"250-x\r\n"), "sent", once=True),
    _second(
        "RCPT two answers once", RCPT, (b"250 ok\r\n250 ok\r\n",), "sent", once=True, is_drift=True
    ),
    _second("DATA 451", DATA, (say("451 4.3.0 later"),), "deferred", "transient"),
    _second("DATA 452", DATA, (say("452 4.3.1 no room"),), "deferred", "transient"),
    _second("DATA 554", DATA, (say("554 5.6.0 never"),), "deferred", "policy"),
    _second("DATA 550", DATA, (say("550 5.1.1 no such user"),), "failed", "refused"),
    _second("DATA 421", DATA, _CLOSING, "deferred"),
    _second("DATA 421 once", DATA, _CLOSING, "sent", once=True),
    _second("DATA cut", DATA, ("close",), "deferred"),
    _second("DATA cut once", DATA, ("close",), "sent", once=True),
    _second("DATA reset once", DATA, ("reset",), "sent", once=True),
    _second("DATA 250 once", DATA, (say("250 odd"),), "sent", once=True, is_drift=True),
    _second("DATA in pieces", DATA, (b"354 g", 0.02, b"o\r", 0.02, b"\n"), "sent"),
    _second("DATA garbage once", DATA, (b"\x16\x03\x01\r\n",), "sent", once=True),
    _second("DATA silent once", DATA, _SILENCE, "sent", once=True),
    _second("DATA dribble once", DATA, _dribble(b"354-x\r\n"), "sent", once=True),
    _second(
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
    _second("cut after 354", DATA, (say("354 go"), "close"), "unknown|deferred"),
    _second("content cut in the middle", MIDDLE, ("close",), "unknown"),
    _second("content reset in the middle", MIDDLE, ("reset",), "unknown"),
    _second("content 421 in the middle", MIDDLE, _CLOSING, "deferred", "transient"),
    _second(
        "content 452 in the middle", MIDDLE, (say("452 full"), "close"), "deferred", "transient"
    ),
    _second("content read slowly", MIDDLE, (0.2,), "sent"),
    _second("dot 250 of two lines", DOT, (b"250-queued\r\n250 as 1\r\n",), "sent"),
    _second("dot 250 in pieces", DOT, (b"25", 0.03, b"0 qu", 0.03, b"eued\r", 0.03, b"\n"), "sent"),
    _second("dot 250 of long lines", DOT, (b"250-" + b"x" * 1500 + b"\r\n250 ok\r\n",), "sent"),
    _second("dot 451", DOT, (say("451 4.3.0 later"),), "deferred", "transient"),
    _second("dot 452", DOT, (say("452 4.3.1 no room"),), "deferred", "transient"),
    _second("dot 450 greylisted", DOT, (say("450 4.7.1 come back"),), "deferred", "greylisted"),
    _second("dot 554 5.6.0", DOT, (say("554 5.6.0 never"),), "deferred", "policy"),
    _second("dot 550 5.1.1", DOT, (say("550 5.1.1 no such user"),), "failed", "refused"),
    _second("dot 552 5.2.2", DOT, (say("552 5.2.2 mailbox full"),), "failed", "full"),
    _second("dot 554 5.7.1", DOT, (say("554 5.7.1 spam"),), "deferred", "policy"),
    _second("dot 421", DOT, _CLOSING, "deferred", "transient"),
    _second("dot 421 without a close", DOT, (say("421 4.3.2 bye"),), "deferred", "transient"),
    _second("dot cut", DOT, ("close",), "unknown", "content: connection lost"),
    _second("dot reset", DOT, ("reset",), "unknown"),
    _second("dot half an answer", DOT, (b"250 qu", "close"), "unknown"),
    _second("dot silent", DOT, _SILENCE, "unknown", "content: timed out"),
    _second("dot dribble", DOT, _dribble(b"250-x\r\n"), "unknown"),
    _second("dot dribble of bytes", DOT, _dribble(b"2"), "unknown"),
    _second("dot garbage", DOT, (b"OK thanks\r\n",), "unknown", "content: no valid answer"),
    _second("dot empty line", DOT, (b"250-ok\r\n\r\n",), "unknown", "content: no valid answer"),
    _second("dot 100", DOT, (b"100 odd\r\n",), "unknown", "content: no valid answer"),
    _second("dot 354", DOT, (say("354 odd"),), "unknown"),
    _second("dot 334", DOT, (say("334 odd"),), "unknown"),
    _second("dot stray 250 before the 554", DOT, (b"250 ok\r\n554 no\r\n",), "unknown"),
    # A client with the next envelope on its way takes the stray answer for that of MAIL; the last
    # one shows that they have shifted, and which one was the dot's cannot be told.
    _second(
        "dot 250 and a stray 250",
        DOT,
        (say("250 ok"), 0.05, say("250 ok")),
        "sent",
        chained="unknown",
    ),
    _second(
        "dot code changes within", DOT, (b"250-ok\r\n550 no\r\n",), "unknown", "no valid answer"
    ),
    _second("dot endless line", DOT, (_LONG_LINE,), "unknown", "no valid answer"),
    _second("dot endless lines", DOT, (_ENDLESS,), "unknown", "no valid answer"),
    _second("dot 250 then cut", DOT, (say("250 ok"), "close"), "sent"),
    _second("dot 250 then reset", DOT, (say("250 ok"), 0.05, "reset"), "sent"),
    _second("dot 250 then 421", DOT, (b"250 ok\r\n421 bye\r\n", "close"), "sent"),
    _second("dot 554 then cut", DOT, (say("554 5.6.0 never"), "close"), "deferred", "policy"),
    _second("dot 250 with bare LF", DOT, (b"250 ok\n",), "sent"),
    _second("dot 250 alone", DOT, (b"250\r\n",), "sent"),
    _second("dot 250 with NUL and latin-1", DOT, (b"250 \0\xe9\r\n",), "sent"),
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
        "421": _CLOSING,
    }.items():
        yield _second(f"RCPT {code[:9]}, DATA {said}", DATA, actions, state, more=refusal)
    go = refusal | {DATA: (say("354 go"),)}
    for said, dot in {
        "554": (say("554 5.5.1 no valid recipients"),),
        "250": (say("250 queued"),),
        "421": _CLOSING,
        "cut": ("close",),
    }.items():
        name = f"RCPT {code[:9]}, DATA 354, lone dot {said}"
        yield _second(name, LONE_DOT, dot, state, more=go)
    # Replies that do not fit are no reason to fail anyone.
    yield _second(
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
    _second(
        "MAIL 451, RCPT and DATA accepted",
        MAIL,
        (say("451 4.3.0 later"),),
        "deferred",
        "transient",
        more={RCPT: (say("250 ok"),), DATA: (say("554 5.5.1 no valid recipients"),)},
    ),
    _second(
        "RSET refused",
        RCPT,
        (say("550 5.1.1 no such user"),),
        "failed",
        more={("*", "RSET"): (say("500 what"),)},
    ),
    _second(
        "RSET cut",
        RCPT,
        (say("550 5.1.1 no such user"),),
        "failed",
        more={("*", "RSET"): ("close",)},
    ),
    _second("QUIT cut", ("*", "QUIT"), ("close",), "sent"),
    _second("QUIT garbage", ("*", "QUIT"), (b"hello\r\n",), "sent"),
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


# --- a server that cannot be used ---------------------------------------------------------------


def _unusable(
    name: str,
    key: Key,
    actions: tuple[Action, ...],
    error: str = "relay 127.0.0.1",
    *,
    state: str = "pending",
    relay: Mapping[str, Any] | None = None,
    **server: Any,
) -> FaultCase:
    """Return the case of a server that is of no use to anyone: every delivery stays open."""
    return FaultCase(
        name=name,
        server={"script": {key: actions}, **server},
        relay=relay or {},
        states=(state,) * 3,
        error=error,
        is_silent=any(isinstance(action, float) for action in actions),
    )


_GREETING, _EHLO, _ALL_MAIL, _AUTH, _STARTTLS = (
    ("*", step) for step in ("greeting", "EHLO", "MAIL", "AUTH", "STARTTLS")
)
_LOGIN: dict[str, Any] = {"username": "digest", "password": "right"}

OPENING = (
    _unusable("greeting 554", _GREETING, (say("554 5.7.1 go away"),), "554"),
    _unusable("greeting 421", _GREETING, (say("421 too busy"), "close"), "421"),
    _unusable("greeting garbage", _GREETING, (b"hello\r\n",)),
    _unusable("greeting of HTTP", _GREETING, (b"HTTP/1.1 400 Bad Request\r\n\r\n", "close")),
    _unusable("greeting cut", _GREETING, ("close",)),
    _unusable("greeting reset", _GREETING, ("reset",)),
    _unusable("greeting silent", _GREETING, _SILENCE),
    _unusable("greeting dribble", _GREETING, _dribble(b"220-x\r\n")),
    _unusable("greeting endless line", _GREETING, (b"220 " + b"x" * 100_000, 3.0)),
    _unusable("EHLO 421", _EHLO, _CLOSING, "421"),
    _unusable("EHLO 502", _EHLO, (say("502 what"),)),
    _unusable("EHLO cut", _EHLO, ("close",)),
    _unusable("EHLO garbage", _EHLO, (b"hello\r\n",)),
    _unusable("EHLO silent", _EHLO, _SILENCE),
    _unusable("EHLO dribble", _EHLO, _dribble(b"250-x\r\n")),
    _unusable("MAIL 550 for all", _ALL_MAIL, (say("550 5.7.1 go away"),), "550 5.7.1 go away"),
    _unusable("MAIL 530 for all", _ALL_MAIL, (say("530 5.7.0 log in"),), "wants a login"),
)

LOGIN = (
    *(
        _unusable(f"AUTH {said[:3]}", _AUTH, (say(said),), said[:3], relay=_LOGIN, login="a:b")
        for said in (
            "535 5.7.8 wrong",
            "534 5.7.9 mechanism too weak",
            "530 5.7.0 needs encryption",
            "538 5.7.11 needs encryption",
            "454 4.7.0 temporary failure",
            "421 4.3.2 bye",
        )
    ),
    _unusable("AUTH cut", _AUTH, ("close",), relay=_LOGIN, login="a:b"),
    _unusable("AUTH garbage", _AUTH, (b"hello\r\n",), relay=_LOGIN, login="a:b"),
    _unusable("AUTH silent", _AUTH, _SILENCE, relay=_LOGIN, login="a:b"),
    _unusable("wrong password", ("", ""), (), "535", relay=_LOGIN, login="digest:other"),
    _unusable("no login offered", ("", ""), (), "offers no login", relay=_LOGIN),
    _unusable(
        "no mechanism that we have", ("", ""), (), relay=_LOGIN, login="a:b", mechanisms="GSSAPI"
    ),
    *(
        FaultCase(
            name=f"a login with {mechanisms}",
            server={"login": "digest:right", "mechanisms": mechanisms},
            relay=_LOGIN,
            states=("sent",) * 3,
        )
        for mechanisms in ("PLAIN", "LOGIN", "LOGIN PLAIN", "GSSAPI LOGIN")
    ),
)


# --- encryption ---------------------------------------------------------------------------------


@cache
def certificate(name: str) -> ssl.SSLContext:
    """Return a server's settings with a certificate of `tests/data/tls`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


@cache
def _old_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old it is, as the case intends
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


_GOES = say("220 2.0.0 go on")
_INJECTED = _GOES + b"250-sink\r\n250 AUTH PLAIN\r\n"


def _secure(security: str, ca_file: str = CA) -> dict[str, Any]:
    return {"security": security, "ca_file": ca_file}


def _distrusted(security: str) -> Iterator[FaultCase]:
    """Yield the certificates and protocols that no mail may be handed to."""
    for name, context, ca_file, error in (
        ("of an unknown CA", certificate("server"), "", "not trusted"),
        ("for another name", certificate("other-name"), CA, "for another name"),
        ("that has expired", certificate("expired"), CA, "has expired"),
        ("and TLS 1.1", _old_tls(), CA, "relay"),
    ):
        server = {"tls" if security == "tls" else "starttls": context}
        relay = _secure(security, ca_file)
        case = _unusable(f"{security} with a certificate {name}", ("", ""), (), error, relay=relay)
        yield replace(case, server=server)


def encrypted() -> tuple[FaultCase, ...]:
    """Return the cases of encryption; a function, because they read files."""
    good = certificate("server")
    starttls = _secure("starttls")
    login = {"login": "digest:right", "starttls": good}

    def stopped(name: str, actions: tuple[Action, ...], error: str = "relay") -> FaultCase:
        return _unusable(name, _STARTTLS, actions, error, relay=starttls, starttls=good)

    def under_tls(
        name: str, key: Key, actions: tuple[Action, ...], state: str, **how: Any
    ) -> FaultCase:
        case = _second(f"TLS: {name}", key, actions, state, **how)
        return replace(case, server={**case.server, "starttls": good}, relay=starttls)

    return (
        *_distrusted("tls"),
        *_distrusted("starttls"),
        _unusable("STARTTLS stripped", ("", ""), (), "offers no STARTTLS", relay=starttls),
        _unusable("a server without TLS", ("", ""), (), "check [[smtp]]", relay=_secure("tls")),
        stopped("STARTTLS 454", (say("454 4.7.0 not now"),), "454"),
        stopped("STARTTLS 502", (say("502 5.5.1 what"),)),
        stopped("STARTTLS cut", ("close",)),
        stopped("STARTTLS reset", ("reset",)),
        stopped("STARTTLS silent", _SILENCE),
        stopped("STARTTLS and no handshake", (_GOES, "close")),
        stopped("STARTTLS and garbage", (_GOES, b"garbage" * 20, "close")),
        stopped("STARTTLS and a silent handshake", (_GOES, *_SILENCE)),
        # What came in clear after the reply to STARTTLS is not believed.
        replace(
            stopped("STARTTLS with an injected answer", (_INJECTED,), "offers no login"),
            relay=starttls | _LOGIN,
        ),
        replace(
            stopped("STARTTLS with an answer that is ignored", (_INJECTED,), ""),
            states=("sent",) * 3,
        ),
        # The alert by which a server refuses a version of the protocol.
        _unusable(
            "a version of TLS that is refused",
            _GREETING,
            (b"\x15\x03\x01\x00\x02\x02\x46",),
            "no encryption",
            relay=_secure("tls"),
        ),
        FaultCase(
            name="a login offered after TLS only",
            server=login,
            relay=starttls | _LOGIN,
            states=("sent",) * 3,
        ),
        _unusable(
            "a wrong password after TLS",
            ("", ""),
            (),
            "535",
            relay=starttls | _LOGIN | {"password": "wrong"},
            **login,
        ),
        under_tls("RCPT cut once", RCPT, ("close",), "sent", once=True),
        under_tls("RCPT reset once", RCPT, ("reset",), "sent", once=True),
        under_tls("dot cut", DOT, ("close",), "unknown"),
        under_tls("dot reset", DOT, ("reset",), "unknown"),
        under_tls("dot silent", DOT, _SILENCE, "unknown"),
        under_tls("dot 250 then 421", DOT, (b"250 ok\r\n421 bye\r\n", "close"), "sent"),
        under_tls("RCPT 550", RCPT, (say("550 5.1.1 no such user"),), "failed"),
    )


# --- limits, and addresses that need an extension -----------------------------------------------

LIMITS = (
    FaultCase(name="two mails a connection", server={"most_mails": 2}, states=("sent",) * 7),
    FaultCase(name="SIZE too small", server={"offers": ("SIZE 20",)}, states=("deferred",) * 3),
    FaultCase(name="SIZE without a number", server={"offers": ("SIZE",)}, states=("sent",) * 3),
    FaultCase(name="SIZE nonsense", server={"offers": ("SIZE abc",)}, states=("sent",) * 3),
    FaultCase(name="SIZE 0", server={"offers": ("SIZE 0",)}, states=("sent",) * 3),
    FaultCase(
        name="SMTPUTF8 offered",
        addresses={2: "jörg@example.org"},
        states=("sent",) * 3,
    ),
    FaultCase(
        name="SMTPUTF8 not offered",
        server={"extensions": ("8BITMIME",)},
        addresses={2: "jörg@example.org"},
        states=("sent", "failed", "sent"),
        reason="needs SMTPUTF8",
    ),
    FaultCase(
        name="an address that would end the command",
        addresses={2: "a@example.org>\r\nRSET"},
        states=("sent", "failed", "sent"),
        reason="unsafe address",
    ),
)


# --- refusals of some mails, of one domain, of all ----------------------------------------------

#: Whose fault they are not: no subscriber's mail may fail.
OURS = (
    "550 relay not permitted",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 5.7.1 relaying denied",
    "550 5.1.1 mail refused: IP listed at zen.spamhaus.org",
    "552 5.3.4 message too big",
    "552 Message would take you over your relay quota of 500",
    "554 client host blocked",
    "554 5.6.0 content rejected",
    "554 Transaction failed",
    "452 4.3.1 no room",
)
#: Those of a mailbox, and the reason that is stored.
THEIRS = {
    "550 5.1.1 no such user": "refused",
    "551 5.1.6 moved": "refused",
    "550 5.2.1 mailbox disabled": "refused",
    "550 user unknown": "refused",
    "552 5.2.2 mailbox full": "full",
}
#: Subscribers of two domains in turn: fewer than a streak that stops a run.
_TWO_DOMAINS = ("b.example", "a.example")
_ROWS = range(1, 13)


def _address(number: int) -> str:
    return f"user{number}@{_TWO_DOMAINS[number % 2]}"


def _refusals(answer: str, step: str, end: str) -> Iterator[FaultCase]:
    """Yield the cases in which this is said of every second mail, of one domain, of all.

    Said of all, it is kept as deferred whatever it says, for a relay may say so of anyone.
    """
    for whose, refused in {
        "half": [number for number in _ROWS if number % 4 in (1, 2)],
        "one domain": [number for number in _ROWS if number % 2],
        "all": list(_ROWS),
    }.items():
        # Accepted last, so that what was said before it counts.
        spared = () if whose == "all" else (_ROWS[-1],)
        said = {(_address(n), step): (say(answer),) for n in refused if n not in spared}
        ends = dict.fromkeys(refused, "deferred" if whose == "all" else end)
        yield FaultCase(
            name=f"{answer} at {step} to {whose}",
            server={"script": said},
            states=tuple("sent" if n in spared else ends.get(n, "sent") for n in _ROWS),
            addresses={number: _address(number) for number in _ROWS},
        )


REFUSALS = (
    *(case for answer in OURS for case in _refusals(answer, "RCPT", "deferred")),
    *(case for answer in OURS[1::4] for case in _refusals(answer, "dot", "deferred")),
    *(case for answer in THEIRS for case in _refusals(answer, "RCPT", "failed")),
)


def all_cases() -> tuple[FaultCase, ...]:
    """Return every case."""
    return (
        *ENVELOPE,
        *CONTENT,
        *PIPELINED,
        *OPENING,
        *LOGIN,
        *encrypted(),
        *LIMITS,
        *REFUSALS,
    )
