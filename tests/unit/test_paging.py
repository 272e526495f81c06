from __future__ import annotations

import pytest

from digest.readers.web.paging import find_next, is_same_server

URL = "https://harbour.example/wp-json/wp/v2/comments?post=1&per_page=100"
NEXT = f"{URL}&page=2"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"Link": f'<{NEXT}>; rel="next"'}, NEXT),
        ({"Link": f'<{URL}>; rel="prev", <{NEXT}>; rel="next"'}, NEXT),
        ({"Link": f"<{NEXT}>; title=x; rel=next"}, NEXT),
        ({"Link": f'<{NEXT}>; rel="last next"'}, NEXT),
        (
            {"Link": '<?page=2>; rel="next"'},
            "https://harbour.example/wp-json/wp/v2/comments?page=2",
        ),
        ({"Link": f'<{NEXT}>; rel="prev"'}, ""),
        ({"Link": f'<{NEXT}>; rel="nextish"'}, ""),
        ({"Link": f'<{URL}>; rel="next"'}, ""),  # itself
        ({"Link": '<https://elsewhere.example/?page=2>; rel="next"'}, ""),
        ({"Link": '<http://harbour.example/?page=2>; rel="next"'}, ""),
        ({"Link": '<https://harbour.example:8443/?page=2>; rel="next"'}, ""),
        ({"Link": '<javascript:alert(1)>; rel="next"'}, ""),
        ({"Link": "<" * 9000}, ""),
        ({"X-WP-TotalPages": "3"}, NEXT),
        ({"X-WP-TotalPages": "1"}, ""),
        ({"X-WP-TotalPages": "many"}, ""),
        ({}, ""),
    ],
)
def test_the_next_page_is_found_on_the_same_server(headers: dict[str, str], found: str) -> None:
    assert find_next(headers, URL) == found


def test_counted_pages_end_with_the_last() -> None:
    assert find_next({"X-WP-TotalPages": "3"}, NEXT) == f"{URL}&page=3"
    assert find_next({"X-WP-TotalPages": "3"}, f"{URL}&page=3") == ""


def test_the_default_port_is_the_same_server() -> None:
    assert is_same_server("https://harbour.example/a", "https://harbour.example:443/b")
    assert not is_same_server("https://harbour.example/a", "https://quay.example/a")
