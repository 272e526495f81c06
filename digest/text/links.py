"""Checks and normalizes links: which are safe to print, and which lead to the same page."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

#: Characters of a link; longer ones break mail clients.
MAX_CHARS = 4000

_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Query parameters that track visitors and do not identify the page.
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid"
    r"|_hsenc|_hsmi|__hstc|__hssc|__hsfp|hsa_\w+|mkt_tok|wt_mc|xtor|at_\w+|ns_\w+|pk_\w+|mtm_\w+"
    r"|piwik_\w+|matomo_\w+|vero_\w+|oly_\w+|_ga|_gl|__twitter_impression|__s|ref_src|ncid|cmpid"
    r"|s_cid|ocid|guccounter|guce_\w+|spm|wickedid|rb_clickid|trk|smid)\Z",
    re.IGNORECASE,
)
#: Marks of the mobile version of a page in its host, path or query.
_MOBILE_HOST = re.compile(r"\A(?:m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_WWW = re.compile(r"\Awww\.(?=[^.]+\.[^.]+)")
_MOBILE_PARAMETER = re.compile(r"amp(?:=(?:1|true)?)?\Z|outputtype=amp\Z", re.IGNORECASE)
_MOBILE_PATH = re.compile(r"/amp\Z")
#: File names that servers use for a folder.
_INDEX = re.compile(r"/(?:index\.(?:html?|php|aspx?)|default\.aspx?)\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: A simple absolute link, as most are, which needs no parsing or encoding.
_PLAIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+)"
    r"(?P<path>(?:/[\w/.~!$'()*+,=:@%-]*)?)(?:\?(?P<query>[\w/.~!$'()*+,=:@%&-]+))?",
    re.ASCII,
)
# Includes characters that `urllib` would silently remove from the middle of a URL.
_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\x9f\ud800-\udfff\"<>\\^`{|}\u200b\u202a-\u202e\u2066-\u2069]"
)


def http_url(link: str, base_url: str = "") -> str:
    """Return `link` as an absolute URL; empty if it is not a plain http(s) link.

    Characters that are not allowed in a URL are percent-encoded. A link with a user name is
    refused, because it can look like a link to another host; so is one longer than `MAX_CHARS`.
    """
    if _plain(link):
        return link
    parts = _http_parts(link, base_url)
    return urlunsplit(parts) if parts else ""


def _plain(link: str) -> re.Match[str] | None:
    return _PLAIN.fullmatch(link) if len(link) <= MAX_CHARS else None


def _http_parts(link: str, base_url: str = "") -> SplitResult | None:
    if plain := _plain(link):
        scheme, host, path, query = plain.groups()
        return SplitResult(scheme, host, path, query or "", "")
    link = link.strip()
    if not link or len(link) > MAX_CHARS:
        return None
    try:
        parts = urlsplit(urljoin(_encoded(base_url), _encoded(link)))
        _ = parts.port
    except ValueError:
        return None
    has_host = bool((parts.hostname or "").strip("."))
    is_plain = parts.scheme in _DEFAULT_PORTS and has_host and "@" not in parts.netloc
    return parts if is_plain and len(urlunsplit(parts)) <= MAX_CHARS else None


def url_key(url: str, *, keep_fragment: bool = False) -> str:
    """Return a key that is equal for all links to one page; empty if the link identifies no post.

    Scheme, `www.`, case of the host, default port, a trailing slash, `index.html`, tracking
    parameters, the order of parameters, unnecessary escapes and marks of a mobile version
    (`is_mobile`) do not count. The front page of a site, and a link whose key is longer than
    `MAX_CHARS`, identify no post.

    Keys are stored: `url_key(key, keep_fragment=True)` converts a key of an earlier version.
    """
    # Without a fragment both settings give the same key; one entry in the cache is enough.
    return _kept_key(url, keep_fragment and "#" in url)


@lru_cache(maxsize=2048)  # intake needs the key of each link several times
def _kept_key(url: str, keep_fragment: bool) -> str:
    parts = _http_parts(url)
    if parts is None:
        return ""
    path, query = _path_key(parts.path), _query_key(parts.query)
    # Single-page applications identify their pages by a fragment with `#!` or `#/`.
    is_kept = keep_fragment or parts.fragment.startswith(("!", "/"))
    fragment = _unescaped(parts.fragment) if is_kept else ""
    if not (path or query or fragment):
        return ""
    key = urlunsplit(("https", _host_key(parts.scheme, parts.netloc), path or "/", query, fragment))
    return key if len(key) <= MAX_CHARS else ""


def is_mobile(url: str) -> bool:
    """Return whether a link looks like the mobile version of a page: `m.`, `/amp`, `?amp=1`.

    It usually is one, but an ordinary page may have such a name.
    """
    parts = _http_parts(url)
    return parts is not None and bool(
        _MOBILE_HOST.match(parts.hostname or "")
        or _MOBILE_PATH.search(parts.path.rstrip("/"))
        or any(map(_MOBILE_PARAMETER.match, parts.query.split("&")))
    )


def _encoded(link: str) -> str:
    if _UNSAFE.search(link) is None:
        return link
    return _UNSAFE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), link
    )


def _is_tracking(parameter: str) -> bool:
    return _TRACKING.match(parameter.partition("=")[0]) is not None


def _path_key(path: str) -> str:
    path = _unescaped(path)
    shorter = ""
    while shorter != path:
        shorter = path
        path = _INDEX.sub("", _MOBILE_PATH.sub("", path.rstrip("/")))
    return path


def _query_key(query: str) -> str:
    if not query:
        return ""
    parts = (part for part in _unescaped(query.replace("+", "%20")).split("&") if part)
    kept = [part for part in parts if not (_is_tracking(part) or _MOBILE_PARAMETER.match(part))]
    # The order of parameters with the same name may matter, so the sort is by name only.
    return "&".join(sorted(kept, key=lambda part: part.partition("=")[0]))


def _unescaped(text: str) -> str:
    """Return a part of a URL with only the necessary escapes, in canonical form."""
    if not text.isascii():
        text = "".join(char if char.isascii() else quote(char, errors="replace") for char in text)
    return _ESCAPE.sub(_canonical_escape, text) if "%" in text else text


def _canonical_escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


@lru_cache(maxsize=256)  # the posts of a feed are usually at one host
def _host_key(scheme: str, netloc: str) -> str:
    parts = SplitResult(scheme, netloc, "", "", "")
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    else:
        host = _ascii_host(host)
        shorter = ""
        while shorter != host:
            shorter = host
            host = _MOBILE_HOST.sub("", _WWW.sub("", host))
    is_default = parts.port in {None, _DEFAULT_PORTS[scheme]}
    return host if is_default else f"{host}:{parts.port}"


def _ascii_host(host: str) -> str:
    try:
        # IDNA may map a character of another script to a space or a bracket.
        return _encoded(host.encode("idna").decode("ascii")).lower()
    except UnicodeError:
        return host


def is_permalink(guid: str) -> bool:
    """Return whether an identifier is a link, which identifies one post in all feeds."""
    return bool(http_url(guid))
