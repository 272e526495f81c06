"""Decides which addresses may be fetched: the public web, and nothing inside this network.

Strangers choose the addresses in a feed and its redirects; without this check they could make the
program read documents that only this machine can reach (server-side request forgery). Pure:
`fetch` checks the URL, and every address that its name resolves to, before every connection.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from unicodedata import normalize
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}

# Only hosts that every URL parser reads alike: the client must not see a different host.
_HOST = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")

# IDNA reads these as the dot between labels.
_DOTS = re.compile("[\u3002\uff0e\uff61]")
# A host whose last label is a number is an address or invalid (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"0x[0-9a-f]{0,16}|[0-9]{1,24}")

_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")
# Not for the public, though `ipaddress` counts them as global, at least in some versions.
_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments (RFC 6890)
    IPv4Network("168.63.129.16/32"),  # the host of a virtual machine in Azure
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
    IPv6Network("5f00::/16"),  # segment routing (RFC 9602)
)

#: The end of the reason for an address inside this network.
PRIVATE = "is a private address"


def refuse_url(url: str, *, port: int, allow_private: bool) -> str:
    """Return the reason why `url` may not be fetched; empty if it may.

    Args:
        url: an absolute URL.
        port: a port that is allowed in addition to 80 and 443.
        allow_private: whether addresses inside this network are allowed.
    """
    try:
        parts = urlsplit(url)
        written = parts.port
    except ValueError:
        return "not a valid URL"
    if parts.scheme not in DEFAULT_PORTS:
        return "only http and https are supported"
    if "@" in parts.netloc:
        return "a URL must not contain a user name or a password"
    host = parts.netloc if written is None else parts.netloc.removesuffix(f":{written}")
    if not _HOST.fullmatch(host):
        return "not a valid host"
    if written not in {None, port, *DEFAULT_PORTS.values()}:
        return f"port {written} is not allowed"
    return "" if allow_private else _refuse_literal(parts.hostname or "")


def port_of(url: str) -> int:
    """Return the port of `url`; 0 if it has no valid one."""
    try:
        parts = urlsplit(url)
        return parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return 0


def refuse_address(address: str) -> str:
    """Return the reason why an IP address may not be connected to; empty if it is public."""
    if _is_public(_unwrapped(ip_address(address))):
        return ""
    return f"{address} {PRIVATE}"


def _refuse_literal(host: str) -> str:
    """Refuse internal addresses in any notation, and names that always mean this machine.

    Other names pass; the resolver checks each of their addresses.
    """
    host = _DOTS.sub(".", normalize("NFKC", host)).lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return refuse_address("127.0.0.1")
    if ":" in host:
        return _refuse_ipv6(host)
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return ""
    value = _ipv4_value(host.split("."))
    return "not a valid host" if value is None else refuse_address(str(IPv4Address(value)))


def _refuse_ipv6(host: str) -> str:
    try:
        return refuse_address(host)
    except ValueError:
        return "not a valid host"


def _ipv4_value(parts: list[str]) -> int | None:
    """Read an IPv4 address as the C library does: 127.1, 0x7f.1, 017700000001, 2130706433."""
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    try:
        *heads, last = map(_number, parts)
    except ValueError:
        return None
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    return last + sum(head << (24 - 8 * place) for place, head in enumerate(heads))


def _number(written: str) -> int:
    if written.startswith("0x"):
        return int(written[2:] or "0", 16)
    return int(written, 8 if written.startswith("0") else 10)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address embedded in an IPv6 address, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        return IPv4Address(address.packed[-4:])
    teredo_client = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo_client or address
