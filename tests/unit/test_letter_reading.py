"""What the checks read in a mail: its elements, and the features of HTML and CSS that it uses."""

from __future__ import annotations

import pytest

from digest.letter.checks.css import Use, uses_of
from digest.letter.checks.dom import read_elements, read_page
from digest.letter.printing.inline import inline_css

FRAMES = '<frameset><frame src="https://lantern.example/"></frameset>'


@pytest.mark.parametrize(
    ("html", "css", "use"),
    [
        ("<!doctype html><p>a</p>", "", ("markup", "doctype")),
        ("<p>a</p><!-- why -->", "", ("markup", "comment")),
        ('<a href="#top">a</a>', "", ("markup", "local anchor")),
        ('<a href="mailto:a@lantern.example">a</a>', "", ("markup", "mailto link")),
        ('<img src="data:image/png;base64,AA">', "", ("image", "data:")),
        ("", "@media (hover){.a{color:red}}", ("at-rule", "@media (hover)")),
        ("", "@media print{.a{color:red}}", ("at-rule", "@media")),
        ("", ".a.b{color:red}", ("selector", ".a.b")),
        ("", ".a .b{color:red}", ("selector", "a b")),
        ("", "[class=a]{color:red}", ("selector", "[attribute]")),
    ],
)
def test_each_feature_is_found_where_it_is_used(html: str, css: str, use: Use) -> None:
    assert use in uses_of(html, read_elements(html), css)
    assert use not in uses_of("<p>a</p>", read_elements("<p>a</p>"), "p{color:red}")


def test_a_page_of_frames_has_no_elements_and_no_words() -> None:
    assert read_elements(FRAMES) == ()
    assert read_page(FRAMES).texts == ()


def test_dark_colours_of_a_class_are_read_and_those_of_other_selectors_are_not() -> None:
    css = "@media (prefers-color-scheme: dark){.a,p a{color:#eeeeee}}"
    html = f'<style>{css}</style><p class="a">One</p><p><a>Two</a></p>'
    dark = {each.words: each.dark.colour for each in read_elements(html) if each.words}
    assert dark["One"] == "#eeeeee"
    assert dark["Two"] != "#eeeeee"


def test_the_style_sheets_of_many_templates_are_inlined() -> None:
    """The rules of the last few sheets are kept; the others are read again."""
    for _ in range(2):
        for number in range(1, 11):
            page = f"<style>p{{margin:{number}px}}</style><p>a</p>"
            assert f"margin:{number}px" in inline_css(page)
