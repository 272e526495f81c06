"""Decides whether two addresses belong to one server.

It decides who may see a feed's password and where a feed may move to. Pure; `fetch` and the
collection use it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from digest.readers.web.guard import DEFAULT_PORTS, port_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user name and a password for one server; the password is never shown."""

    username: str
    password: str = field(repr=False)

    @property
    def header(self) -> str:
        """The value of `Authorization` (RFC 7617)."""
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy for every request."""

    #: Without user name and password.
    url: str
    #: None if the proxy needs no password.
    login: Login | None = None


def parse_proxy(written: str) -> Proxy:
    """Read `http://[name:password@]host:port`.

    Raises:
        ValueError: the value is not such a URL; the message does not repeat it.
    """
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        port = None
    if port is None or parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
        raise ValueError(
            "must be a proxy such as http://host:port or http://name:password@host:port"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    login = None
    if parts.username:
        login = Login(username=unquote(parts.username), password=unquote(parts.password or ""))
    return Proxy(url=f"http://{host}:{port}", login=login)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: all must be equal before a password is sent."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", 0
    return parts.scheme, _host_of(parts.hostname), port_of(url)


def server_of(url: str) -> str:
    """Return host and port of the server of `url`, independent of the scheme."""
    scheme, host, port = origin_of(url)
    return host if port == DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


def is_same_site(url: str, target: str) -> bool:
    """Return whether a feed may move from `url` to `target` without the operator.

    Both addresses must certainly have the same owner: the same host, with or without a leading
    `www.`, on the same port or the default one, and never from https to http.
    """
    before, after = origin_of(url), origin_of(target)
    if not before[1] or before[1].removeprefix("www.") != after[1].removeprefix("www."):
        return False
    if before[0] == after[0]:
        return before[2] == after[2]
    return (before[0], after[0]) == ("http", "https") and _is_default(url) and _is_default(target)


def _is_default(url: str) -> bool:
    scheme, _, port = origin_of(url)
    return port == DEFAULT_PORTS[scheme]


def _host_of(written: str | None) -> str:
    return (written or "").rstrip(".").lower()
