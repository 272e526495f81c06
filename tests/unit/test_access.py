from __future__ import annotations

import pytest

from digest.readers.web.access import Access, check_headers, host_of, parse_headers


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((name, "set by digest itself") for name in ("Host", "content-length", "CONNECTION")),
        *((name, "set by digest itself") for name in ("Transfer-Encoding", "Accept-Encoding")),
        *((name, "set by digest itself") for name in ("If-None-Match", "Proxy-Authorization")),
        *((name, "not a valid header name") for name in ("", "A B", "A:", "A\n", "Ä")),
    ],
)
def test_a_header_that_would_break_the_request_is_refused(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_headers([(name, "x")])


@pytest.mark.parametrize("value", ["", " ", "a\r\nHost: b", "a\nb", "a\0b", "é", "x" * 9000])
def test_a_value_that_is_not_one_line_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(ValueError, match="X-Key must be one line") as caught:
        check_headers([("X-Key", f"hush{value}" if value.strip() else value)])
    assert "hush" not in str(caught.value)


def test_a_header_may_not_be_there_twice() -> None:
    with pytest.raises(ValueError, match="cookie appears twice"):
        check_headers([("Cookie", "a=1"), ("cookie", "b=2")])


def test_a_file_has_a_header_on_each_line() -> None:
    text = "# from the site's owner\n\nX-Key: a: b\r\n  Cookie :c=d;e\n"
    assert parse_headers(text) == (("X-Key", "a: b"), ("Cookie", "c=d;e"))
    for wrong in ("X-Key hush", ": hush"):
        with pytest.raises(ValueError, match="line 2 is not a header") as caught:
            parse_headers(f"A: b\n{wrong}")
        assert "hush" not in str(caught.value)


def test_headers_are_not_shown() -> None:
    assert "hush" not in repr(Access(headers={"X-Key": "hush"}))


def test_hosts_are_compared_without_case_and_final_dot() -> None:
    assert host_of("https://A.Example.:8443/x") == host_of("http://a.example/") == "a.example"
    assert host_of("http://[x/") == ""
