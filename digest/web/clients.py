"""Finds the network of a request's client, also behind the operator's proxies. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Bits of an address that name its network: one household or office has all the others.
_IPV4_BITS = 24
_IPV6_BITS = 64


def network_of(peer: str, forwarded: Sequence[str], trusted: Sequence[IPNetwork]) -> str:
    """Return the network of a client, such as `192.0.2.0/24` or `2001:db8::/64`.

    Empty if the client has none of its own: the address is one of this machine or of a private
    network, so probably that of a proxy that the operator did not name.

    Args:
        peer: the address of the connection.
        forwarded: the values of `X-Forwarded-For`, in their order. Anybody can write this header,
            so only what a trusted proxy added to it is believed.
        trusted: the proxies.
    """
    client = _client(peer, forwarded, trusted)
    if client is None or not client.is_global:
        return ""
    return _network(client)


def place_of(peer: str, forwarded: Sequence[str], trusted: Sequence[IPNetwork]) -> str:
    """Return the network of a client, or its own address if that is not a public one.

    Arguments as for `network_of`.
    """
    client = _client(peer, forwarded, trusted)
    if client is None:
        return ""
    return _network(client) if client.is_global else str(client)


def is_trusted_peer(peer: str, trusted: Sequence[IPNetwork]) -> bool:
    """Return whether the address of a connection is one of the proxies."""
    address = _read(peer)
    return address is not None and _is_trusted(address, trusted)


def _network(client: IPAddress) -> str:
    bits = _IPV4_BITS if client.version == 4 else _IPV6_BITS
    return str(ipaddress.ip_network(f"{client}/{bits}", strict=False))


def _client(peer: str, forwarded: Sequence[str], trusted: Sequence[IPNetwork]) -> IPAddress | None:
    """Return the nearest address that is no trusted proxy; each proxy adds its peer at the end."""
    hops = [hop for value in forwarded for hop in value.split(",")]
    client = _read(peer)
    while client is not None and _is_trusted(client, trusted) and hops:
        before = _read(hops.pop())
        if before is None:
            return client
        client = before
    return client


def _is_trusted(address: IPAddress, trusted: Sequence[IPNetwork]) -> bool:
    return any(address in network for network in trusted)


def _read(written: str) -> IPAddress | None:
    """Read an address, also with a port: `192.0.2.1:443`, `[2001:db8::1]:443`."""
    text = written.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
