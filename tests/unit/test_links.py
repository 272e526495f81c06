from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.links import http_url, url_key

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
    ],
)
def test_links_to_one_page_have_one_key(same: str) -> None:
    assert url_key(same) == "https://harbour.example/ship"


@pytest.mark.parametrize(
    "other",
    [
        "https://www.harbour.example/ship",
        "https://harbour.example/Ship",
        "https://harbour.example/ship?page=2",
        "https://harbour.example:8443/ship",
    ],
)
def test_links_to_other_pages_have_other_keys(other: str) -> None:
    assert url_key(other) != "https://harbour.example/ship"


def test_a_front_page_names_no_post() -> None:
    assert not url_key("https://harbour.example/")
    assert url_key("https://harbour.example/?p=7") == "https://harbour.example/?p=7"


_URLS = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(("http", "HTTPS", "ftp")),
    st.sampled_from(("a.example", "A.Example", "[::1]", "é.example")),
    st.sampled_from(("", ":80", ":8080", ":x")),
    st.text(max_size=8),
    st.sampled_from(("", "utm_source=x", "a=1&utm_x=2&b", "a=%41")),
    st.text(max_size=4),
)


@given(_URLS)
def test_a_key_is_its_own_key(url: str) -> None:
    key = url_key(url)
    assert url_key(key) == key


@given(st.one_of(_URLS, st.text(max_size=40)), st.one_of(st.just(""), _URLS))
def test_what_is_accepted_is_always_plain_http(link: str, base: str) -> None:
    found = http_url(link, base)
    assert not found or found.startswith(("http://", "https://"))
    assert http_url(found) == found
