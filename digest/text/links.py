"""Links: which are safe to print, and when two lead to the same page."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

#: Longer ones break mail clients, and are not written by people.
MAX_CHARS = 4000

_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Query parameters that say how a reader came, never what the page is.
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid"
    r"|_hsenc|_hsmi|__hstc|__hssc|__hsfp|hsa_\w+|mkt_tok|wt_mc|xtor|at_\w+|ns_\w+|pk_\w+|mtm_\w+"
    r"|piwik_\w+|matomo_\w+|vero_\w+|oly_\w+|_ga|_gl|__twitter_impression|__s|ref_src|ncid|cmpid"
    r"|s_cid|ocid|guccounter|guce_\w+|spm|wickedid|rb_clickid|trk|smid)\Z",
    re.IGNORECASE,
)
#: How a host or a path calls its page's form for telephones.
_MOBILE_HOST = re.compile(r"\A(?:m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_WWW = re.compile(r"\Awww\.(?=[^.]+\.[^.]+)")
_MOBILE_PARAMETER = re.compile(r"amp(?:=(?:1|true)?)?\Z|outputtype=amp\Z", re.IGNORECASE)
_MOBILE_PATH = re.compile(r"/amp\Z")
#: What a server puts in for a folder.
_INDEX = re.compile(r"/(?:index\.(?:html?|php|aspx?)|default\.aspx?)\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: An absolute link as most are, of which nothing has to be told apart, encoded or mended.
_PLAIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+)"
    r"(?P<path>(?:/[\w/.~!$'()*+,=:@%-]*)?)(?:\?(?P<query>[\w/.~!$'()*+,=:@%&-]+))?",
    re.ASCII,
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
    """Give the key under which two links to one page are equal; empty where it names no page.

    Scheme, `www.`, case of the host, default port, a trailing slash, `index.html`, tracking
    parameters, the order of parameters and needless escapes do not count, nor that it is a page's
    form for telephones (`is_mobile`). The front page of a site names no post, nor does a link whose
    key is beyond `MAX_CHARS`.

    Keys are stored: `url_key(key, keep_fragment=True)` brings one of an earlier version up to now.
    """
    # Where there is no fragment both ways of asking are one, for the sake of what is kept.
    return _kept_key(url, keep_fragment and "#" in url)


@lru_cache(maxsize=2048)  # intake asks for each link of a document several times
def _kept_key(url: str, keep_fragment: bool) -> str:
    parts = _http_parts(url)
    if parts is None:
        return ""
    path, query = _path_key(parts.path), _query_key(parts.query)
    # Pages that are one document to their server are told by what follows `#!` or `#/`.
    is_kept = keep_fragment or parts.fragment.startswith(("!", "/"))
    fragment = _unescaped(parts.fragment) if is_kept else ""
    if not (path or query or fragment):
        return ""
    key = urlunsplit(("https", _host_key(parts.scheme, parts.netloc), path or "/", query, fragment))
    return key if len(key) <= MAX_CHARS else ""


def is_mobile(url: str) -> bool:
    """Whether a link is called like a page's form for telephones: `m.`, `/amp`, `?amp=1`.

    Mostly it is one; but a page may just bear the name.
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
    # Of equal names the order may count.
    return "&".join(sorted(kept, key=lambda part: part.partition("=")[0]))


def _unescaped(text: str) -> str:
    """Give a part of a URL with the escapes that it needs, each written one way."""
    if not text.isascii():
        text = "".join(char if char.isascii() else quote(char, errors="replace") for char in text)
    return _ESCAPE.sub(_canonical_escape, text) if "%" in text else text


def _canonical_escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


@lru_cache(maxsize=256)  # posts of a feed are at one host mostly
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
        # A character of another script may stand for a space or a bracket there.
        return _encoded(host.encode("idna").decode("ascii")).lower()
    except UnicodeError:
        return host


def is_permalink(guid: str) -> bool:
    """Whether an identifier is a link, which means one post in any feed."""
    return bool(http_url(guid))
