from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.readers.web.guard import port_of, refuse_address, refuse_url

PRIVATE = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:808:808:0:0:f5ff:fffe",  # Teredo of a client at 10.0.0.1
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_this_network_are_refused(address: str) -> None:
    assert "private" in refuse_address(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_on_the_open_web_are_allowed(address: str) -> None:
    assert refuse_address(address) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "http:///x",
        "http://a.example:22/",
        "http://a.example:8080/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://user:secret@a.example/",
        "http://a.example\\@127.0.0.1/",
        "http://a.example%2f@x/",
        "http://127.0.0.1%23.a.example/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "",
    ],
)
def test_urls_that_lead_elsewhere_than_to_a_public_page_are_refused(url: str) -> None:
    assert refuse_url(url, port=80, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "https://a.example:443/x?y",
        "http://a.example:8000/",
        "https://é.example/",
    ],
)
def test_the_web_and_the_configured_port_are_allowed(url: str) -> None:
    assert refuse_url(url, port=8000, allow_private=False) == ""


def test_private_addresses_are_allowed_if_configured() -> None:
    assert refuse_url("http://127.0.0.1:8000/", port=8000, allow_private=True) == ""
    assert refuse_url("http://127.0.0.1:22/", port=8000, allow_private=True)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://a/", 80),
        ("https://a/", 443),
        ("http://a:81/", 81),
        ("ftp://a/", 0),
        ("http://a:x/", 0),
    ],
)
def test_the_port_of_a_url(url: str, port: int) -> None:
    assert port_of(url) == port


@pytest.mark.parametrize(
    "host",
    [
        *("168.63.129.16", "2822734096", "0xa8.63.33040", "[::ffff:168.63.129.16]"),
        *("[64:ff9b::168.63.129.16]", "[2002:a83f:8110::]", "192.0.0.9"),
        *("[3fff::1]", "[3fff:fff:ffff::1]", "[5f00::1]"),
    ],
)
def test_addresses_that_only_look_public_are_refused(host: str) -> None:
    assert "private address" in refuse_url(f"http://{host}/", port=80, allow_private=False)
    assert refuse_url(f"http://{host}/", port=80, allow_private=True) == ""


@pytest.mark.parametrize("host", ["168.63.129.17", "[3ffe::1]", "[2606:4700::1]", "192.0.1.9"])
def test_their_neighbours_are_allowed(host: str) -> None:
    assert refuse_url(f"http://{host}/", port=80, allow_private=False) == ""


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_ipv6_is_judged_like_itself(address: object) -> None:
    wrapped = (f"::ffff:{address}", f"64:ff9b::{address}")
    assert {bool(refuse_address(each)) for each in wrapped} == {bool(refuse_address(str(address)))}


@pytest.mark.parametrize("host", ["8.8.8.8", "8.8.8.8.", "134744072", "0x8080808", "010.8.8.8"])
def test_an_address_of_the_open_web_is_allowed_in_any_spelling(host: str) -> None:
    assert refuse_url(f"http://{host}/", port=80, allow_private=False) == ""


@pytest.mark.parametrize(
    "host",
    ["127.1", "0x7f.1", "017700000001", "2130706433", "１２７.1", "localhost", "x.localhost."],
)
def test_a_spelling_of_this_machine_is_refused_before_any_resolver(host: str) -> None:
    assert "private" in refuse_url(f"http://{host}/", port=80, allow_private=False)
    assert refuse_url(f"http://{host}/", port=80, allow_private=True) == ""


@pytest.mark.parametrize(
    "host", ["256.1.1.1", "1.2.3.4.5", "a.1", "09.1.1.1", "4294967296", "a.0x"]
)
def test_a_host_that_ends_in_a_number_and_is_not_an_address_is_refused(host: str) -> None:
    assert "valid host" in refuse_url(f"http://{host}/", port=80, allow_private=False)


@given(st.ip_addresses(v=4))
def test_an_address_written_as_one_number_is_judged_like_itself(address: IPv4Address) -> None:
    whole = f"http://{int(address)}/"
    hexadecimal = f"http://{int(address):#x}/"
    refused = {bool(refuse_url(url, port=80, allow_private=False)) for url in (whole, hexadecimal)}
    assert refused == {bool(refuse_address(str(address)))}


@given(st.text(max_size=60))
def test_any_host_is_judged_with_one_line(host: str) -> None:
    assert "\n" not in refuse_url(f"http://{host}/", port=80, allow_private=False)
