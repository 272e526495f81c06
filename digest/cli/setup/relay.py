"""Asks for the mail relay of a new installation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import typer

from digest.cli.setup.asking import Asker, until_right
from digest.errors import UsageError
from digest.models import RelayAnswer

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: The port on which a relay expects TLS from the first byte (RFC 8314 section 3.3).
_TLS_PORT = "465"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRelay:
    """The options about the relay; each may be empty."""

    #: A host, or a host and a port.
    place: str
    security: str
    username: str
    password_file: str


def ask_relay(asker: Asker, given: GivenRelay) -> tuple[RelayAnswer | None, str]:
    """Return the relay, and its password if one was typed.

    Returns None for the relay if it is to be named later.

    Raises:
        UsageError: an option has a wrong value.
    """
    if given.place:
        return _read(asker, given, given.place, "--relay"), ""
    if any((given.security, given.username, given.password_file)):
        raise UsageError("--relay: is missing; give the host of the relay")
    if not asker.is_asking:
        return None, ""
    relay = until_right(lambda: _ask_place(asker, given))
    if relay is None or relay.host in _LOOPBACK:
        return relay, ""
    username = typer.prompt(
        "User name at the relay (Enter: none)", default="", show_default=False
    ).strip()
    if not username:
        return relay, ""
    return replace(relay, username=username), typer.prompt("Password", hide_input=True)


def _ask_place(asker: Asker, given: GivenRelay) -> RelayAnswer | None:
    asked = "Mail relay, HOST or HOST:PORT (Enter: later)"
    text = typer.prompt(asked, default="", show_default=False).strip()
    return _read(asker, given, text) if text else None


def _read(asker: Asker, given: GivenRelay, text: str, option: str = "") -> RelayAnswer:
    host, port = _host_and_port(text.strip())
    is_here = host in _LOOPBACK
    port = asker.checked("port", port or ("25" if is_here else "587"), option)
    usual = "none" if is_here else "tls" if port == _TLS_PORT else "starttls"
    return RelayAnswer(
        host=asker.checked("host", host, option),
        port=int(port),
        security=asker.checked("security", given.security or usual, "--relay-security"),
        username=given.username,
        password_file=given.password_file,
    )


def _host_and_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = text.partition(":")
    return (text, "") if ":" in port else (host, port)
