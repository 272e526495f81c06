from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.readers.web.cookies import ChainCookies

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HERE = "https://www.site.example/blog/feed"


def sent(line: str, to: str, *, here: str = HERE, configured: str = "") -> str:
    cookies = ChainCookies()
    cookies.take([line], here, now=NOW)
    return cookies.header(to, configured)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("seen=1; Path=/", "seen=1"),
        ("seen=1", "seen=1"),
        ('seen="a b"; Path=/', 'seen="a b"'),
        ("seen=a=b==; HttpOnly; SameSite=Lax", "seen=a=b=="),
        ('seen={"a":1}; path=/', 'seen={"a":1}'),
        ("seen=; Path=/", "seen="),
        ("seen=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "seen=1"),
        ("seen=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "seen=1"),
        ("seen=1; Expires=soon; Domain=; Path=here", "seen=1"),
        ("seen=1; Domain=.site.example; Path=/", "seen=1"),
        ("seen=1; Domain=www.site.example; Secure", "seen=1"),
    ],
)
def test_a_cookie_comes_back_as_it_was_set(line: str, value: str) -> None:
    assert sent(line, HERE) == value


@pytest.mark.parametrize(
    "line",
    [
        "seen=1; Max-Age=0",
        "seen=1; Max-Age=-1",
        "seen=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "seen=1; Path=/other",
        "seen=1; Path=/blog/fe",
        "seen=1; Domain=example",
        "seen=1; Domain=other.example",
        "seen=1; Domain=a.www.site.example",
        "seen=1; Domain=ite.example",
        "seen",
        "=1",
        "seen=1\x01",
        "",
    ],
)
def test_a_cookie_that_is_over_or_for_another_place_is_not_kept(line: str) -> None:
    assert sent(line, HERE) == ""


@pytest.mark.parametrize(
    "to",
    [
        "https://site.example/blog/",
        "https://a.www.site.example/blog/",
        "https://other.example/blog/",
        "https://www.site.example:8443/blog/",
        "https://www.site.example/",
        "https://wwwxsite.example/blog/",
    ],
)
def test_a_cookie_goes_to_no_other_host_port_or_folder(to: str) -> None:
    assert sent("seen=1", to) == ""


def test_a_cookie_of_a_domain_goes_to_its_hosts_only() -> None:
    line = "seen=1; Domain=site.example; Path=/"
    assert sent(line, "https://site.example/") == "seen=1"
    assert sent(line, "http://feeds.site.example/x") == "seen=1"
    assert sent(line, "https://mysite.example/") == ""


def test_a_secure_cookie_is_not_sent_in_the_clear() -> None:
    line = "seen=1; Secure; Path=/"
    assert sent(line, "http://www.site.example/") == ""
    assert sent("seen=1; Path=/", "https://www.site.example/", here="http://www.site.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_hosts_that_are_addresses_have_cookies_of_their_own(host: str) -> None:
    assert sent("seen=1", f"http://{host}:81/a", here=f"http://{host}:81/b") == "seen=1"
    assert sent("seen=1; Domain=0.0.1", f"http://{host}:81/a", here=f"http://{host}:81/b") == ""


def test_the_cookies_of_the_operator_stay_beside_those_that_were_set() -> None:
    configured = "session=secret; seen=0"
    assert sent("seen=1", HERE, configured=configured) == "session=secret; seen=1"
    assert sent("seen=1", "https://www.site.example/", configured=configured) == configured


def test_a_later_cookie_replaces_an_earlier_one_and_can_delete_it() -> None:
    cookies = ChainCookies()
    cookies.take(["a=1; Path=/", "b=2; Path=/", "a=3; Path=/"], HERE, now=NOW)
    assert cookies.header(HERE) == "b=2; a=3"
    cookies.take(["a=; Path=/; Max-Age=0"], HERE, now=NOW)
    assert cookies.header(HERE) == "b=2"


def test_many_and_long_cookies_are_limited() -> None:
    cookies = ChainCookies()
    cookies.take([f"c{number}=1" for number in range(5000)], HERE, now=NOW)
    assert cookies.header(HERE).count("=") == 50
    cookies.take(["c1=" + "x" * 100_000], HERE, now=NOW)
    assert len(cookies.header(HERE)) <= 8000
