"""The network of a request is what its proxies say, as far as the operator trusts them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from digest.web.clients import network_of

PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        # Without a proxy, the peer is the client, whatever it writes.
        ("5.6.7.8", [], "5.6.7.0/24"),
        ("5.6.7.8", ["9.9.9.9"], "5.6.7.0/24"),
        ("2a01:4f8:1:2:3::4", [], "2a01:4f8:1:2::/64"),
        ("::ffff:5.6.7.8", [], "5.6.7.0/24"),
        # Behind a trusted proxy it is the last address that no trusted proxy has.
        ("127.0.0.1", ["5.6.7.8"], "5.6.7.0/24"),
        ("127.0.0.1", ["9.9.9.9, 5.6.7.8"], "5.6.7.0/24"),
        ("127.0.0.1", ["9.9.9.9, 5.6.7.8, 10.1.2.3"], "5.6.7.0/24"),
        ("127.0.0.1", ["9.9.9.9", "5.6.7.8"], "5.6.7.0/24"),
        ("::1", ["[2a01:4f8:1:2:3::4]:443"], "2a01:4f8:1:2::/64"),
        ("127.0.0.1", ["5.6.7.8:51234"], "5.6.7.0/24"),
        ("127.0.0.1", ["9.9.9.9, unknown, 10.1.2.3"], ""),
        ("127.0.0.1", ["9.9.9.9, "], ""),
        # A proxy that is not trusted, and addresses inside a network, have none of their own.
        ("192.168.1.2", ["9.9.9.9"], ""),
        ("127.0.0.1", [], ""),
        ("10.0.0.1", ["10.0.0.2"], ""),
        ("", ["9.9.9.9"], ""),
        ("fe80::1%eth0", [], ""),
    ],
)
def test_a_client_counts_by_its_network(peer: str, forwarded: list[str], network: str) -> None:
    assert network_of(peer, forwarded, PROXIES) == network


def test_no_header_is_believed_without_a_trusted_proxy() -> None:
    assert network_of("127.0.0.1", ["9.9.9.9"], ()) == ""
