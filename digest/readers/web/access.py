"""Settings of the operator for one feed's server: a login, request headers, a limit.

Pure. `fetch` sends the login and the headers to the origin of the feed's address only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from digest.readers.web.origin import Login

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e]{1,8000}")
#: Headers on which the transfer itself depends, so that another value would break it.
_OWN = frozenset(
    {
        *("accept-encoding", "connection", "content-encoding", "content-length", "content-type"),
        *("expect", "host", "http2-settings", "keep-alive", "range", "te", "trailer"),
        *("transfer-encoding", "upgrade", "via"),
    }
)
_OWN_STARTS = ("if-", "proxy-", "sec-websocket-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Settings of the requests to one feed's server."""

    login: Login | None = None
    #: Extra request headers; they may contain secrets.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The size limit of its documents; None for the limit of all feeds.
    max_bytes: int | None = None
    #: Whether the host of the feed's address may be inside this network.
    allow_private: bool = False

    @property
    def sent_headers(self) -> dict[str, str]:
        """The headers to send to the feed's own server, with the login."""
        login = {"Authorization": self.login.header} if self.login else {}
        return dict(self.headers) | login


def host_of(url: str) -> str:
    """Return the host of `url` in the form that is compared; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Check the operator's request headers.

    Raises:
        ValueError: one cannot be sent; the message names it and does not repeat its value.
    """
    seen: set[str] = set()
    for name, value in headers:
        lower = name.lower()
        if not _NAME.fullmatch(name):
            raise ValueError("a name is not a valid header name; write it as in 'X-Api-Key'")
        if lower in _OWN or lower.startswith(_OWN_STARTS):
            raise ValueError(f"{name} is set by digest itself; remove it")
        if lower in seen:
            raise ValueError(f"{name} appears twice; remove one")
        if not _VALUE.fullmatch(value.strip()):
            raise ValueError(f"{name} must be one line of ASCII characters, and not empty")
        seen.add(lower)


def parse_headers(text: str) -> tuple[tuple[str, str], ...]:
    """Read a file of request headers: `Name: value` on each line; `#` starts a comment line.

    Raises:
        ValueError: a line is not a header; the message names its number and does not repeat it.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ValueError(f"line {number} is not a header; write 'Name: value'")
        found.append((name.strip(), value.strip()))
    return tuple(found)
