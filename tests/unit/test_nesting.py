from __future__ import annotations

import pytest

from digest.text.html import is_deeper, limit_depth


def test_tags_beyond_the_limit_are_dropped_and_their_text_stays() -> None:
    assert limit_depth("<a><b><i>x</i></b></a>", 2) == "<a><b>x</i></b></a>"


@pytest.mark.parametrize(
    "flat",
    [
        "<p>a<p>b<p>c<p>d",
        "<ul><li>a<li>b<li>c</ul>",
        "<br><hr><img src=x><br>",
        "<x/><x/><x/><x/>",
        "<!-- <a><a><a> --><b>x</b>",
        "<a><![CDATA[<a><a><a>]]></a>",
        '<a title="<b><b><b>">x</a>',
        "<a><b></a><a><b></a><a><b></a>",
    ],
)
def test_flat_markup_is_not_mistaken_for_deep(flat: str) -> None:
    assert not is_deeper(flat, 2)
    assert limit_depth(flat, 2) == flat


def test_end_tags_inside_attributes_do_not_count() -> None:
    assert is_deeper('<div title="</div>">' * 4, 3)
