"""The exit code of `digest send` over a faulty server, and the states that it leaves."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.support.fault_cases import CLOSING
from tests.support.figures import sample
from tests.support.project import Project, rss
from tests.support.server_faults import CA, certificate
from tests.support.smtp_sink import Action, Key, ScriptedSink, say, serving

pytestmark = pytest.mark.proof

_COUNT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCase:
    """A server's behaviour, and what `digest send` makes of it."""

    name: str
    code: int
    #: The number of deliveries in each state.
    states: Mapping[str, int]
    #: Settings of `ScriptedSink`.
    server: Mapping[str, Any] = field(default_factory=dict)
    #: Keys of `[[smtp]]`.
    keys: tuple[str, ...] = ('security = "none"',)
    #: Part of what is printed.
    said: str = ""


def _address(number: int) -> str:
    return f"subscriber{number}@example.net"


def _to(step: str, actions: tuple[Action, ...], *numbers: int) -> dict[str, Any]:
    """Return the settings of a server that does this to some recipients, or to all."""
    keys: list[Key] = [(_address(number), step) for number in numbers] or [("*", step)]
    return {"script": dict.fromkeys(keys, actions)}


_SENT = {"sent": _COUNT}
_OPEN = {"pending": _COUNT}
_DEFERRED = {"deferred": _COUNT}
_NOBODY: tuple[Action, ...] = (say("550 5.1.1 no such user"),)
_PLAIN: dict[str, Any] = {}
_LOGIN = ('security = "none"', 'username = "digest"', 'password = "right"')
_STARTTLS = ('security = "starttls"', f'ca_file = "{CA}"')

DONE = (
    SendCase(name="all is well", code=0, states=_SENT),
    SendCase(
        name="STARTTLS and a login",
        code=0,
        states=_SENT,
        server={"starttls": certificate("server"), "login": "digest:right"},
        keys=(*_STARTTLS, *_LOGIN[1:]),
    ),
    SendCase(name="two mails a connection", code=0, states=_SENT, server={"most_mails": 2}),
    SendCase(
        name="a cut once",
        code=0,
        states=_SENT,
        server={**_to("RCPT", ("close",), 3), "once": frozenset({(_address(3), "RCPT")})},
    ),
    SendCase(
        name="one mailbox is gone",
        code=0,
        states={"sent": 7, "failed": 1},
        server=_to("RCPT", _NOBODY, 3),
    ),
    SendCase(
        name="one mailbox is full",
        code=0,
        states={"sent": 7, "failed": 1},
        server=_to("RCPT", (say("552 5.2.2 full"),), 3),
    ),
    SendCase(
        name="one mail without an answer",
        code=0,
        states={"sent": 7, "unknown": 1},
        server=_to("dot", ("close",), 3),
    ),
)

PROBLEMS = tuple(
    SendCase(name=name, code=1, states=states, server=server)
    for name, states, server in (
        ("greylisted", {"sent": 7, "deferred": 1}, _to("RCPT", (say("450 4.7.1 later"),), 3)),
        ("all greylisted", _DEFERRED, _to("RCPT", (say("450 4.7.1 later"),))),
        ("content refused", {"sent": 7, "deferred": 1}, _to("dot", (say("554 5.6.0 no"),), 3)),
        ("no room", {"sent": 7, "deferred": 1}, _to("DATA", (say("452 4.3.1 no room"),), 3)),
        ("421 at each try", {"sent": 7, "deferred": 1}, _to("RCPT", CLOSING, 3)),
        ("three without an answer", {"sent": 5, "unknown": 3}, _to("dot", ("reset",), 1, 3, 5)),
        ("none was answered", {"unknown": _COUNT}, _to("dot", ("close",))),
        ("a list blocks us", {"sent": 6, "deferred": 2}, _to("RCPT", (say("554 blocked"),), 2, 4)),
    )
)

SETUP = tuple(
    SendCase(name=name, code=2, states=_OPEN, server=server, keys=keys, said=said)
    for name, server, keys, said in (
        *(
            (
                f"AUTH {word}",
                {"login": "a:b", **_to("AUTH", (say(f"{word} no"),))},
                _LOGIN,
                word[:3],
            )
            for word in ("530 5.7.0", "534 5.7.9", "535 5.7.8", "538 5.7.11")
        ),
        ("wrong password", {"login": "digest:other"}, _LOGIN, "password"),
        ("no login offered", _PLAIN, _LOGIN, "offers no login"),
        (
            "login after TLS only",
            {"starttls": certificate("server"), "login": "digest:right"},
            _LOGIN,
            "offers no login",
        ),
        (
            "MAIL wants a login",
            _to("MAIL", (say("530 5.7.0 log in"),)),
            ('security = "none"',),
            "wants a login",
        ),
        (
            "MAIL wants encryption",
            _to("MAIL", (say("530 5.7.0 Must issue a STARTTLS command first"),)),
            ('security = "none"',),
            "check [[smtp]] port, security",
        ),
        ("STARTTLS stripped", _PLAIN, _STARTTLS, "offers no STARTTLS"),
        ("an expired certificate", {"starttls": certificate("expired")}, _STARTTLS, "has expired"),
        ("another name", {"starttls": certificate("other-name")}, _STARTTLS, "another name"),
        ("no TLS", _PLAIN, ('security = "tls"',), "check [[smtp]] port"),
    )
)

LATER = tuple(
    SendCase(name=name, code=75, states=states, server=server, keys=keys)
    for name, states, server, keys in (
        ("greeting 421", _OPEN, _to("greeting", CLOSING), ()),
        ("greeting 554", _OPEN, _to("greeting", (say("554 5.7.1 no"),)), ()),
        ("greeting garbage", _OPEN, _to("greeting", (b"hello\r\n",)), ()),
        ("greeting cut", _OPEN, _to("greeting", ("close",)), ()),
        ("EHLO 421", _OPEN, _to("EHLO", CLOSING), ()),
        ("AUTH 454", _OPEN, {"login": "a:b", **_to("AUTH", (say("454 4.7.0 later"),))}, _LOGIN),
        ("AUTH cut", _OPEN, {"login": "a:b", **_to("AUTH", ("close",))}, _LOGIN),
        (
            "STARTTLS 454",
            _OPEN,
            {"starttls": certificate("server"), **_to("STARTTLS", (say("454 no"),))},
            _STARTTLS,
        ),
        ("MAIL 550 for all", _OPEN, _to("MAIL", (say("550 5.7.1 no"),)), ()),
        ("nobody exists", _DEFERRED, _to("RCPT", _NOBODY), ()),
        ("a quota for all", _DEFERRED, _to("dot", (say("550 5.4.5 quota"),)), ()),
        ("SIZE too small", _DEFERRED, {"extensions": ("SIZE 20",)}, ()),
    )
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a frozen edition and eight subscribers."""
    project = Project(tmp_path_factory.mktemp("prepared"))
    with HTTPServer(host="127.0.0.1") as site:
        site.expect_request("/feed").respond_with_data(
            rss("A bridge is mended", "A mill turns again", "A clock is late"),
            content_type="application/rss+xml",
        )
        project.write_config(feed_url=site.url_for("/feed"), smtp_port=1)
        project.add_subscribers(_COUNT)
        assert project.run("collect").code == 0
        assert project.run("compose").code == 0
    # A relay that is down leaves the edition frozen and all mails open.
    assert project.run("send", "1", "--now").code == 75
    return project


@pytest.fixture
def project(prepared: Project, tmp_path: Path) -> Project:
    """Return a copy of the prepared project."""
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def states_in(project: Project) -> dict[str, int]:
    with closing(sqlite3.connect(project.database)) as connection:
        return Counter(state for (state,) in connection.execute("SELECT state FROM deliveries"))


def suppressed_in(project: Project) -> int:
    with closing(sqlite3.connect(project.database)) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM people WHERE suppressed != ''"
        ).fetchone()
    return int(count)


@pytest.mark.parametrize(
    "case",
    [case for group in (DONE, PROBLEMS, SETUP, LATER) for case in sample(group)],
    ids=lambda case: f"{case.code} {case.name}",
)
def test_the_exit_code_says_whose_turn_it_is(case: SendCase, project: Project) -> None:
    if case.keys:
        project.change_config('security = "none"', "\n".join(case.keys))
    with serving(ScriptedSink(**case.server)) as sink:
        project.change_config("port = 1\n", f"port = {sink.port}\n")
        result = project.run("send", "1")
    assert result.code == case.code, result.out + result.err
    assert states_in(project) == case.states
    assert case.said in result.out + result.err
    assert result.err.count("\n") <= 1
    assert max(sink.accepted.values(), default=0) <= 1
    assert suppressed_in(project) <= case.states.get("failed", 0)


def test_a_relay_that_is_down_is_tried_later(project: Project) -> None:
    with socket.socket() as closed:  # bound, so that no other server gets the port
        closed.bind(("127.0.0.1", 0))
        project.change_config("port = 1\n", f"port = {closed.getsockname()[1]}\n")
        result = project.run("send", "1")
    assert (result.code, states_in(project)) == (75, _OPEN)


def test_a_paused_edition_is_refused(project: Project) -> None:
    assert project.run("pause", "1").code == 0
    with serving(ScriptedSink()) as sink:
        project.change_config("port = 1\n", f"port = {sink.port}\n")
        result = project.run("send", "1")
    assert (result.code, states_in(project), sink.connections) == (4, _OPEN, 0)
