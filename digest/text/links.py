"""Links: which are safe to print, and when two lead to the same page."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

#: Longer ones break mail clients, and are not written by people.
MAX_CHARS = 4000

_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Query parameters that say how a reader came, never what the page is.
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok"
    r"|wt_mc|xtor|at_medium|at_campaign)\Z",
    re.IGNORECASE,
)
# Also what `urllib` would silently drop from the middle of a URL.
_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\x9f\ud800-\udfff\"<>\\^`{|}\u200b\u202a-\u202e\u2066-\u2069]"
)


def http_url(link: str, base_url: str = "") -> str:
    """Give `link` absolute, or an empty string where it is no plain http(s) link.

    Characters that a URL may not hold are percent-encoded; a link with a user name in it is
    refused, for it shows another host than the one it leads to; so is one beyond `MAX_CHARS`.
    """
    link = link.strip()
    if not link or len(link) > MAX_CHARS:
        return ""
    try:
        parts = urlsplit(urljoin(_encoded(base_url), _encoded(link)))
        _ = parts.port
    except ValueError:
        return ""
    is_plain = parts.scheme in _DEFAULT_PORTS and parts.hostname and "@" not in parts.netloc
    absolute = urlunsplit(parts) if is_plain else ""
    return absolute if len(absolute) <= MAX_CHARS else ""


@lru_cache(maxsize=2048)  # intake asks for each link of a document twice
def url_key(url: str, *, keep_fragment: bool = False) -> str:
    """Give the key under which two links to one page are equal; empty where it names no page.

    Scheme, case of the host, default port, a trailing slash and tracking parameters do not count.
    The front page of a site names no post.
    """
    url = http_url(url)
    if not url:
        return ""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part and not _is_tracking(part))
    path = parts.path.rstrip("/")
    fragment = parts.fragment if keep_fragment else ""
    if not (path or query or fragment):
        return ""
    return urlunsplit(("https", _host_key(parts), path or "/", query, fragment))


def _encoded(link: str) -> str:
    return _UNSAFE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), link
    )


def _is_tracking(parameter: str) -> bool:
    return _TRACKING.match(parameter.partition("=")[0]) is not None


def _host_key(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    is_default = parts.port in {None, _DEFAULT_PORTS[parts.scheme]}
    return host if is_default else f"{host}:{parts.port}"
