"""The cookies of one request and its redirects, by the rules of RFC 6265. Pure.

Nothing is kept after the chain, and nothing goes to a host that did not set it. Two rules are
narrower than the RFC's: another port is another server, and a whole top-level domain gets none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from digest.readers.web.access import host_of
from digest.readers.web.guard import DEFAULT_PORTS, port_of
from digest.readers.web.waiting import read_http_date

#: Cookies of one chain, and characters of the header that goes back; servers refuse longer ones.
_MAX_COOKIES = 50
_MAX_CHARS = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    name: str
    value: str = field(repr=False)
    domain: str
    #: Whether only `domain` itself gets it, not the hosts below it.
    is_host_only: bool
    port: int
    path: str
    is_secure: bool

    def is_for(self, url: str) -> bool:
        """Return whether it goes to `url` (sections 5.1.3, 5.1.4 and 5.4)."""
        host, path = host_of(url), urlsplit(url).path or "/"
        is_below = not self.is_host_only and host.endswith(f".{self.domain}")
        folder = self.path if self.path.endswith("/") else f"{self.path}/"
        return (
            (host == self.domain or is_below)
            and _port_key(url) == self.port
            and (path == self.path or path.startswith(folder))
            and (not self.is_secure or url.startswith("https:"))
        )


class ChainCookies:
    """The cookies that the servers of one chain of redirects have set."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str, int], _Cookie] = {}

    def take(self, lines: Iterable[str], here: str, *, now: datetime) -> None:
        """Keep the cookies of the `Set-Cookie` headers that `here` has sent."""
        for line in lines:
            name, value, attributes = _split(line)
            cookie = _cookie_of(name, value, attributes, here)
            if cookie is None:
                continue
            key = (cookie.name, cookie.domain, cookie.path, cookie.port)
            self._kept.pop(key, None)
            if not _is_over(attributes, now) and len(self._kept) < _MAX_COOKIES:
                self._kept[key] = cookie

    def added_to(self, headers: dict[str, str], here: str) -> dict[str, str]:
        """Return the headers of a request for `here`; the operator's own cookies stay."""
        own = next((name for name in headers if name.lower() == "cookie"), "Cookie")
        sent = self.header(here, headers.get(own, ""))
        return headers | {own: sent} if sent else headers

    def header(self, here: str, configured: str = "") -> str:
        """Return the value of `Cookie` for `here`; empty for none.

        Args:
            here: the address that is requested.
            configured: the operator's own cookies for it; one that was set replaces one of them.
        """
        found = [cookie for cookie in self._kept.values() if cookie.is_for(here)]
        found.sort(key=lambda cookie: -len(cookie.path))
        names = {cookie.name for cookie in found}
        own = [pair.strip() for pair in configured.split(";")]
        pairs = [pair for pair in own if pair and pair.partition("=")[0].strip() not in names]
        sent = "; ".join((*pairs, *(f"{each.name}={each.value}" for each in found)))
        return sent if len(sent) <= _MAX_CHARS else configured


def _split(line: str) -> tuple[str, str, dict[str, str]]:
    """Return name, value and attributes of a `Set-Cookie` header (section 5.2)."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    attributes = {}
    for each in rest:
        key, _, written = each.partition("=")
        attributes[key.strip().lower()] = written.strip()
    return name.strip() if equals else "", value.strip(), attributes


def _cookie_of(name: str, value: str, attributes: dict[str, str], here: str) -> _Cookie | None:
    """Return the cookie; None if it is unusable or for another host (section 5.3)."""
    host = host_of(here)
    domain = attributes.get("domain", "").removeprefix(".").rstrip(".").lower()
    is_own = domain in ("", host)
    is_above = "." in domain and host.endswith(f".{domain}") and not _is_address(host)
    if not name or not f"{name}{value}".isprintable() or not (is_own or is_above):
        return None
    path = attributes.get("path", "")
    return _Cookie(
        name=name,
        value=value,
        domain=domain or host,
        is_host_only=not domain or _is_address(host),
        port=_port_key(here),
        path=path if path.startswith("/") else _folder_of(here),
        is_secure="secure" in attributes,
    )


def _is_over(attributes: dict[str, str], now: datetime) -> bool:
    """Return whether a cookie ends at once, which is how servers delete one."""
    lasts = attributes.get("max-age", "")
    if lasts.removeprefix("-").isdecimal():
        return lasts.startswith("-") or not lasts.strip("0")
    until = read_http_date(attributes.get("expires", ""))
    return until is not None and until <= now


def _folder_of(url: str) -> str:
    """Return the path that a cookie without one has (section 5.1.4)."""
    return urlsplit(url).path.rpartition("/")[0] or "/"


def _port_key(url: str) -> int:
    """Return the port; 0 for both default ports, because a site on both is one."""
    port = port_of(url)
    return 0 if port in DEFAULT_PORTS.values() else port


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdecimal()
