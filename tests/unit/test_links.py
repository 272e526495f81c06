from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.links import _PLAIN, http_url, is_mobile, url_key

BASE = "https://harbour.example/news/"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("ship", "https://harbour.example/news/ship"),
        ("/ship?a=1#top", "https://harbour.example/ship?a=1#top"),
        ("//cdn.example/x", "https://cdn.example/x"),
        (" http://a.example/x y ", "http://a.example/x%20y"),
        ("http://a.example/\u202egnp", "http://a.example/%E2%80%AEgnp"),
        ("HTTP://a.example/", "http://a.example/"),
    ],
)
def test_links_become_absolute(link: str, absolute: str) -> None:
    assert http_url(link, BASE) == absolute


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "tag:a.example,2026:1",
        "http://",
        "http://./x",
        "http://[::1",
        "http://a.example:99999/",
        "https://bank.example@evil.example/",
        "https://a.example/" + "x" * 5000,
    ],
)
def test_unsafe_links_are_empty(link: str) -> None:
    assert not http_url(link, "")


@pytest.mark.parametrize(
    "same",
    [
        "http://harbour.example/ship",
        "https://HARBOUR.example/ship/",
        "https://harbour.example:443/ship",
        "http://harbour.example:80/ship",
        "https://harbour.example/ship?utm_source=rss&utm_medium=feed",
        "https://harbour.example/ship/?fbclid=x#more",
        "https://www.harbour.example/ship",
        "http://www.harbour.example:80/ship/index.html",
        "https://harbour.example/ship/index.php?utm_campaign=x",
        "https://harbour.example/sh%69p",
        "https://m.harbour.example/ship",
        "https://harbour.example/ship/amp/",
        "https://harbour.example/ship?amp=1",
        "https://harbour.example./ship?at_medium=RSS&ns_mchannel=rss",
    ],
)
def test_links_to_one_page_have_one_key(same: str) -> None:
    assert url_key(same) == "https://harbour.example/ship"


@pytest.mark.parametrize(
    "other",
    [
        "https://news.harbour.example/ship",
        "https://harbour.example/Ship",
        "https://harbour.example/ship%2Fbow",
        "https://harbour.example/ship?p=7",
        "https://harbour.example/ship#!/bow",
        "https://harbour.example/ship/amplifiers",
        "https://harbour.example/ship?page=2",
        "https://harbour.example:8443/ship",
    ],
)
def test_links_to_other_pages_have_other_keys(other: str) -> None:
    assert url_key(other) != "https://harbour.example/ship"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example/caf%c3%a9", "https://a.example/café"),
        ("https://a.example/%7Eanna/x", "https://a.example/~anna/x"),
        ("https://é.example/x", "https://xn--9ca.example/x"),
        ("https://a.example/x?q=a+b", "https://a.example/x?q=a%20b"),
    ],
)
def test_two_spellings_of_one_link_have_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other) != ""


def test_the_order_of_equal_parameters_counts() -> None:
    assert url_key("https://a.example/?t=1&t=2") != url_key("https://a.example/?t=2&t=1")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m.a.example/x", True),
        ("https://amp.a.example/x", True),
        ("https://a.example/x/amp/", True),
        ("https://a.example/x?outputType=amp", True),
        ("https://m.example/x", False),
        ("https://a.example/amp/x", False),
        ("https://a.example/x?amplify=1", False),
        ("no link", False),
    ],
)
def test_a_page_for_telephones_is_recognised_by_its_link(url: str, expected: bool) -> None:
    assert is_mobile(url) is expected


def test_a_front_page_identifies_no_post() -> None:
    assert not url_key("https://harbour.example/")
    assert not url_key("http://www.harbour.example/index.php")
    assert url_key("https://harbour.example/?p=7") == "https://harbour.example/?p=7"


_URLS = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(("http", "HTTPS", "ftp")),
    st.sampled_from(("a.example", "A.Example", "[::1]", "é.example", "www.m.a.example", "m.com")),
    st.sampled_from(("", ":80", ":8080", ":x")),
    st.one_of(st.text(max_size=8), st.sampled_from(("a/amp/index.php/", "%2e%2E/x", "%25%34"))),
    st.sampled_from(("", "utm_source=x", "a=1&utm_x=2&b", "a=%41", "utm%5Fx=1&b&a=+", "amp&a=é")),
    st.text(max_size=4),
)


@given(_URLS)
def test_a_key_is_stable(url: str) -> None:
    key = url_key(url)
    assert url_key(key) == key
    whole = url_key(url, keep_fragment=True)
    assert url_key(whole, keep_fragment=True) == whole


@given(st.one_of(_URLS, st.text(max_size=40)), st.one_of(st.just(""), _URLS))
def test_accepted_links_are_always_plain_http(link: str, base: str) -> None:
    found = http_url(link, base)
    assert not found or found.startswith(("http://", "https://"))
    assert http_url(found) == found


def test_a_link_that_makes_too_long_a_key_has_none() -> None:
    link = "https://harbour.example/" + "ж" * 1500
    assert http_url(link) == link
    assert url_key(link) == ""


@given(st.from_regex(_PLAIN, fullmatch=True), st.one_of(st.just(""), _URLS))
def test_a_plain_link_is_what_the_standard_library_gives(link: str, base_url: str) -> None:
    assert http_url(link, base_url) == link == urlsplit(urljoin(base_url, link)).geturl()
    # Longer forms of the same fragment have the same key.
    assert url_key(f"{link}#top") == url_key(link)


def test_an_address_of_version_six_keeps_its_brackets() -> None:
    assert url_key("https://[2001:DB8::1]/a") == "https://[2001:db8::1]/a"
