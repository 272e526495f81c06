from __future__ import annotations

import pytest

from digest.readers.web.origin import Login, Proxy, is_same_site, origin_of, parse_proxy, server_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a.example/feed", "http://a.example/new"),
        ("http://a.example/feed", "https://a.example/feed"),
        ("http://a.example/feed", "https://www.a.example/feed"),
        ("https://www.a.example/feed", "https://a.example/"),
        ("https://A.example./feed", "https://a.example/"),
        ("https://a.example/feed", "https://a.example:443/"),
        ("http://a.example:8000/feed", "http://a.example:8000/new"),
    ],
)
def test_within_a_site_a_feed_may_move(url: str, target: str) -> None:
    assert is_same_site(url, target)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/feed", "https://b.example/feed"),
        ("https://a.example/feed", "https://feeds.a.example/feed"),
        ("https://a.github.io/feed", "https://b.github.io/feed"),
        ("https://a.example/feed", "https://a.example.evil.example/"),
        ("https://a.example/feed", "http://a.example/feed"),
        ("http://a.example:8000/feed", "http://a.example:8001/feed"),
        ("http://a.example/feed", "http://a.example:8000/feed"),
        ("http://a.example:8000/feed", "https://a.example/feed"),
        ("https://a.example/feed", "https:///feed"),
        ("nonsense", "nonsense"),
    ],
)
def test_to_another_site_a_feed_may_not_move(url: str, target: str) -> None:
    assert not is_same_site(url, target)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://A.example./x") == origin_of("https://a.example:443/y")
    origins = (
        "http://a.example",
        "https://a.example",
        "https://a.example:444",
        "https://b.example",
    )
    assert len({origin_of(url) for url in origins}) == 4
    assert origin_of("http://[::1") == ("", "", 0)


def test_a_server_is_the_same_over_http_and_https() -> None:
    assert server_of("http://a.example/x") == server_of("https://a.example/y") == "a.example"
    assert server_of("http://a.example:8000/") == "a.example:8000"


def test_a_password_is_encoded_and_never_shown() -> None:
    login = Login(username="Aladdin", password="open sesame")
    assert login.header == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 section 2
    assert "sesame" not in repr(login)
    assert "QWxh" not in repr(login)
    assert Login(username="test", password="123£").header == "Basic dGVzdDoxMjPCow=="


@pytest.mark.parametrize(
    ("written", "url", "login"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", None),
        ("http://[::1]:3128/", "http://[::1]:3128", None),
        (
            "http://me:p%40ss@proxy.example:3128",
            "http://proxy.example:3128",
            Login(username="me", password="p@ss"),
        ),
    ],
)
def test_a_proxy_and_its_password_are_separated(
    written: str, url: str, login: Login | None
) -> None:
    proxy = parse_proxy(written)
    assert proxy == Proxy(url=url, login=login)
    assert "p@ss" not in repr(proxy)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "proxy:3128",
        "socks5://hush@a:1",
        "https://a:1",
        "http://a",
        "http://a:x",
        "http://a:1/x",
    ],
)
def test_another_proxy_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(ValueError, match="must be a proxy") as caught:
        parse_proxy(written)
    assert "hush" not in str(caught.value)
