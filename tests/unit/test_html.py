from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.html import (
    ALLOWED_SCHEMES,
    ALLOWED_TAGS,
    MAX_CHARS,
    bare_words,
    clean_html,
    html_to_text,
    plain_line,
)
from tests.support.figures import examples
from tests.support.timing import least_seconds, within

BASE = "https://harbour.example/2026/ship/"

_MARKUP = """<p> </p> <div> </div> <a\thref="javascript:alert(1)"> <a\thref="/x?a=1&b=2"> </a>
<b> </b> <i> <table> <tr> <td> </table> <svg> </svg> <math> <mi> <style> </style> <script> </script>
<img\tsrc=x> <img\tsrc="data:image/png;base64,x"> <img\tsrc=a.png\twidth=1> <select> <option> <!--
--> <![CDATA[ ]]> <ul> <li> </ul> <form> <button> <iframe\tsrc=//x> <noscript> <textarea> <title>
<pre> <h1\tonclick=x> &lt; &amp; &#0; < > " ' = word <p/> </br> <font\tcolor=red> <mglyph>
<template> <annotation-xml\tencoding="text/html"> <frameset> <details> </details> <p\thidden> <sup>
</sup> <aside> <section> </section> <b\tclass="sr-only"> <b\taria-hidden="true"> <video> </video> :
<pre\tclass="verse"> </pre> <img\tsrc="/latex.php"\talt="\\x"> </math> <msup>"""
_PIECES = st.sampled_from(re.split(r"[ \n]", _MARKUP))
_SOUP = st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=25).map("".join)


@given(_SOUP)
@examples(300)
def test_cleaning_twice_gives_the_same_as_once(soup: str) -> None:
    once = clean_html(soup, BASE)
    assert clean_html(once, BASE) == once


@given(_SOUP)
@examples(300)
def test_only_allowed_elements_and_schemes_are_left(soup: str) -> None:
    cleaned = clean_html(soup, BASE)
    assert set(re.findall(r"<([a-z][a-z0-9-]*)", cleaned)) <= ALLOWED_TAGS
    links = re.findall(r'<[a-z0-9]+(?: [a-z]+="[^"]*")*? (?:href|src)="([^"]*)"', cleaned)
    assert {link.partition(":")[0] for link in links} <= ALLOWED_SCHEMES
    assert not re.search(r"<[^>]*\son\w+=", cleaned)


@given(_SOUP)
@examples(200)
def test_text_never_holds_invisible_marks(soup: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", html_to_text(soup))


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<a href="/x" onclick="y()">x</a>', '<a href="https://harbour.example/x">x</a>'),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="//cdn.example/x">x</a>', '<a href="https://cdn.example/x">x</a>'),
        ("a<script>alert(1)</script>b", "ab"),
        ("<svg><a href=x>s</a></svg>", ""),
        ('<p style="color:red" class="x">a</p>', "<p>a</p>"),
        ("<p>never closed <b>bold", "<p>never closed <b>bold</b></p>"),
        ("{{ secret }}", "{{ secret }}"),
        ("<noscript><b>a</b></noscript>b", "<b>a</b>b"),
        ('<iframe src="//film.example"/><p>a</p>', "<p>a</p>"),
        (
            'Ahoy <img src="https://s.w.org/images/core/emoji/15/72x72/2693.png" alt="⚓">',
            "Ahoy ⚓",
        ),
        ('<img src="/emoji/x.png" alt="&lt;">', "&lt;"),
    ],
)
def test_hostile_markup_is_removed_and_words_stay(html: str, cleaned: str) -> None:
    assert clean_html(html, BASE) == cleaned


@pytest.mark.parametrize(
    ("style", "is_shown"),
    [
        ("display:none", False),
        ("border: 0; WIDTH: 1px; height: 1px", False),
        ("visibility:hidden !important", False),
        ("height:0", False),
        ("width: 100px; max-width: 1px", True),
        ("line-height:1;", True),
        ("width:1em", True),
    ],
)
def test_a_picture_that_its_style_hides_is_dropped(style: str, is_shown: bool) -> None:
    shown = '<img src="https://harbour.example/x">' if is_shown else ""
    assert clean_html(f'<img src="/x" style="{style}">', BASE) == shown


def test_without_a_base_relative_links_are_dropped() -> None:
    assert clean_html('<a href="/x">x</a>', "") == "<a>x</a>"


@pytest.mark.parametrize(
    "pixel",
    [
        '<img src="https://t.example/p.gif" width="1" height="1">',
        '<img src="https://t.example/p.gif" height="0" alt="a > b">',
        '<img src="https://t.example/p.gif" width="1px" height="1px">',
        '<img src="data:image/gif;base64,R0lGOD" alt="x">',
    ],
)
def test_tracking_pixels_are_dropped(pixel: str) -> None:
    assert clean_html(f"a{pixel}b", BASE) == "ab"


@pytest.mark.parametrize(
    "bomb",
    [
        "<![CDATA[" + "<div>" * 50_000,
        "<div>" * 100_000,
        "<p><b>" * 60_000,
        "<!--" * 90_000,
        '<a "' * 90_000,
        "<x" * 200_000,
    ],
)
def test_bombs_are_cleaned_quickly(bomb: str) -> None:
    assert least_seconds(lambda: html_to_text(clean_html(bomb, BASE)), under=5) < 5


def test_long_html_is_cut_at_a_tag() -> None:
    cleaned = clean_html("<p>word</p>" * 40_000, BASE)
    assert MAX_CHARS - 20 < len(cleaned) < MAX_CHARS + 20
    assert set(cleaned.split("<p>")) <= {"", "word</p>", "</p>"}


def test_text_separates_paragraphs_by_an_empty_line() -> None:
    html = "<p>One &amp; two<br>new line</p><p>Three <a href='/x'>link</a></p><div>Four</div>"
    assert html_to_text(html) == "One & two\nnew line\n\nThree link\n\nFour"


def test_text_is_found_below_absurd_nesting() -> None:
    assert html_to_text("<div>" * 3000 + "deep") == "deep"


def test_a_title_of_megabytes_is_read_quickly() -> None:
    with within(1):
        assert len(plain_line("<!--" * 1_000_000)) < 5000


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One <b>two</b>\n</p><p>three</p>", "One two three"),
        ('<img src="https://h.example/a.png" alt="a > b">x', "x"),
        ("1 &lt; 2", "1 &lt; 2"),
    ],
)
def test_bare_words_are_those_between_the_tags(html: str, words: str) -> None:
    assert bare_words(html) == words


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("A &lt;b&gt; &amp; B", "A & B"),
        # Words, not markup.
        ("The &lt;title&gt; element", "The <title> element"),
        ("Why vector&lt;int&gt; &amp; List&lt;T&gt;", "Why vector<int> & List<T>"),
        ("<p>Ships<br>at sea", "Ships at sea"),
        ("&lt;![CDATA[Tom &amp;amp; Jerry]]&gt;", "Tom & Jerry"),
        ("Ships <b>at</b> sea", "Ships at sea"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("&amp;#8220;Quoted&amp;#8221;", "“Quoted”"),
        ("x &lt;script&gt;alert(1)&lt;/script&gt; y", "x y"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("two\n  lines\tand<br/>three", "two lines and three"),
        ("safe\u202egnp.exe\x07", "safegnp.exe"),
        ("broken \ud83d half", "broken half"),
        ("", ""),
    ],
)
def test_a_title_becomes_one_plain_line(title: str, line: str) -> None:
    assert plain_line(title) == line


def test_relative_links_are_dropped_if_the_base_has_no_host() -> None:
    for base in ("https://h%00arbour.example/", "https://[", "https://xn--\u00e4.example/"):
        assert "href" not in clean_html('<a href="/ship">the ship</a>', base)
