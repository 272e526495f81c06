"""What a mail server may do wrong to every mail: at the opening, by its limits, by refusals."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.fault_cases import (
    CLOSING,
    CONTENT,
    DOT,
    ENVELOPE,
    PIPELINED,
    RCPT,
    SILENCE,
    FaultCase,
    dribble,
    second_mail,
)
from tests.support.figures import sample
from tests.support.smtp_sink import Action, Key, say

TLS = Path(__file__).parents[1] / "data" / "tls"
CA = str(TLS / "ca.pem")

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
    _unusable("greeting silent", _GREETING, SILENCE),
    _unusable("greeting dribble", _GREETING, dribble(b"220-x\r\n")),
    _unusable("greeting endless line", _GREETING, (b"220 " + b"x" * 100_000, 3.0)),
    _unusable("EHLO 421", _EHLO, CLOSING, "421"),
    _unusable("EHLO 502", _EHLO, (say("502 what"),)),
    _unusable("EHLO cut", _EHLO, ("close",)),
    _unusable("EHLO garbage", _EHLO, (b"hello\r\n",)),
    _unusable("EHLO silent", _EHLO, SILENCE),
    _unusable("EHLO dribble", _EHLO, dribble(b"250-x\r\n")),
    _unusable("MAIL 550 for all", _ALL_MAIL, (say("550 5.7.1 go away"),), "550 5.7.1 go away"),
    _unusable("MAIL 530 for all", _ALL_MAIL, (say("530 5.7.0 log in"),), "wants a login"),
)

#: What is done to every mail, but by no word about us: each ends by itself.
FOR_ALL = tuple(
    FaultCase(
        name=f"{step} {name} for all", server={"script": {("*", step): actions}}, states=(end,) * 3
    )
    for step, name, actions, end in (
        ("MAIL", "421", CLOSING, "deferred"),
        ("MAIL", "451", (say("451 4.3.0 later"),), "deferred"),
        ("RCPT", "cut", ("close",), "deferred"),
        ("RCPT", "421", CLOSING, "deferred"),
        ("DATA", "cut", ("close",), "deferred"),
        ("DATA", "garbage", (b"hello\r\n",), "deferred"),
        ("middle", "cut", ("close",), "unknown"),
        ("dot", "cut", ("close",), "unknown"),
        ("dot", "421", CLOSING, "deferred"),
        ("dot", "in pieces", (b"25", 0.02, b"0 ok\r", 0.02, b"\n"), "sent"),
    )
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
    _unusable("AUTH silent", _AUTH, SILENCE, relay=_LOGIN, login="a:b"),
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
    login: dict[str, Any] = {"login": "digest:right", "starttls": good}

    def stopped(name: str, actions: tuple[Action, ...], error: str = "relay") -> FaultCase:
        return _unusable(name, _STARTTLS, actions, error, relay=starttls, starttls=good)

    def under_tls(
        name: str, key: Key, actions: tuple[Action, ...], state: str, **how: Any
    ) -> FaultCase:
        case = second_mail(f"TLS: {name}", key, actions, state, **how)
        return replace(case, server={**case.server, "starttls": good}, relay=starttls)

    return (
        *_distrusted("tls"),
        *_distrusted("starttls"),
        _unusable("STARTTLS stripped", ("", ""), (), "offers no STARTTLS", relay=starttls),
        _unusable("a server without TLS", ("", ""), (), "check [[smtp]]", relay=_secure("tls")),
        stopped("STARTTLS 454", (say("454 4.7.0 not now"),), "454"),
        stopped("STARTTLS 421", CLOSING, "421"),
        stopped("STARTTLS 502", (say("502 5.5.1 what"),)),
        stopped("STARTTLS cut", ("close",)),
        stopped("STARTTLS reset", ("reset",)),
        stopped("STARTTLS silent", SILENCE),
        stopped("STARTTLS and no handshake", (_GOES, "close")),
        stopped("STARTTLS and garbage", (_GOES, b"garbage" * 20, "close")),
        stopped("STARTTLS and a silent handshake", (_GOES, *SILENCE)),
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
        under_tls("dot silent", DOT, SILENCE, "unknown"),
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
    """Return every case; some of the refusals, or all under `make proof`."""
    return (
        *ENVELOPE,
        *CONTENT,
        *PIPELINED,
        *OPENING,
        *FOR_ALL,
        *LOGIN,
        *encrypted(),
        *LIMITS,
        *sample(REFUSALS, of=4),
    )


def one_of_each_end() -> list[FaultCase]:
    """Return one case of each way in which an edition's deliveries may end together."""
    ends = {
        (frozenset(case.states), case.reason, bool(case.error)): case
        for case in reversed(all_cases())
    }
    return list(ends.values())
