"""Inlined style sheets."""

from __future__ import annotations

import re

import pytest

from digest.letter.printing.inline import inline_css
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.presentation import build_view
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_letter,
    sample_renderer,
    sample_site,
    sample_story,
)

pytestmark = pytest.mark.slow

STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
CONDITIONAL = re.compile(r"<!--\[if mso\]>.*?<!\[endif\]-->", re.DOTALL)


def rendered() -> str:
    edition = sample_edition()
    marks = PlaceMarks(seed="0123456789abcdef")
    view = build_view(edition, plan_for_all(edition), sample_site(), marks)
    return sample_renderer().render_mail(view)


def kept_styles(html: str) -> list[str]:
    return STYLE.findall(CONDITIONAL.sub("", html))


def test_kept_blocks_stay_byte_for_byte() -> None:
    html = rendered()
    assert kept_styles(inline_css(html)) == kept_styles(html)[1:]


def test_every_important_stays() -> None:
    html = rendered()
    assert inline_css(html).count(" !important") == html.count(" !important") > 20


def test_conditional_comments_stay() -> None:
    html = rendered()
    found = CONDITIONAL.findall(html)
    assert len(found) == 3
    assert CONDITIONAL.findall(inline_css(html)) == found


def test_kept_css_is_small_and_without_what_mail_programs_refuse() -> None:
    kept = "".join(kept_styles(inline_css(rendered())))
    assert len(kept) <= 4096
    for refused in ("/*", "@import", "@font-face", "var(", "calc("):
        assert refused not in kept
    assert not re.search(r"[^ ]!important", kept)


def test_inline_styles_use_the_safe_properties_only() -> None:
    allowed = re.compile(
        r"background-color|border(-.*)?|color|display|font(-.*)?|height|letter-spacing|line-height"
        r"|margin|max-height|max-width|mso-.*|overflow|padding(-left|-right)?|text-align"
        r"|text-decoration|text-transform|vertical-align|width|word-break"
    )
    styles = re.findall(r' style="([^"]*)"', inline_css(rendered()))
    names = {part.partition(":")[0] for style in styles for part in style.split(";")}
    assert {name for name in names if not allowed.fullmatch(name)} == set()


def test_no_readable_type_is_smaller_than_13_pixels() -> None:
    html = inline_css(rendered())
    sizes = [int(size) for size in re.findall(r"font:[^;\"]*?(\d+)px/", html)]
    assert min(sizes) == 13


def test_classes_that_no_kept_block_names_are_dropped() -> None:
    html = inline_css(
        '<html><head><style>.a{color:red}.b{margin:0}</style><style data-premailer="ignore">'
        '@media print{.b{color:blue !important}}</style></head><body><p class="a b">x</p>'
        '<p class="a">class="a" style="b: c"</p></body></html>'
    )
    assert '<p class="b" style="color:red;margin:0">x</p>' in html
    assert '<p style="color:red">class="a" style="b: c"</p>' in html


def test_text_that_looks_like_a_tag_is_left_alone() -> None:
    html = inline_css('<p>a &lt;i class="x"&gt; b</p>')
    assert '&lt;i class="x"&gt;' in html


def test_an_edition_of_eight_posts_stays_within_its_budget() -> None:
    assert len(sample_letter().html.encode()) <= 35_000


def test_fifteen_posts_stay_within_their_budget() -> None:
    base = sample_edition()
    extra = tuple(
        sample_story(i, excerpt="Utilities now read two million meters by radio. " * 5)
        for i in range(9, 16)
    )
    edition = sample_edition(stories=(*base.stories, *extra), max_posts_per_category=15)
    assert len(sample_letter(edition).html.encode()) <= 60_000


def test_outlook_gets_the_dark_colour_of_all_small_print_too() -> None:
    css = "".join(kept_styles(inline_css(rendered())))
    [dark] = re.findall(r"^(\.tag,[^{]*)\{color", css, re.MULTILINE)
    [outlook] = re.findall(r"^(\[data-ogsc\] \.tag,[^{]*)\{color", css, re.MULTILINE)
    assert outlook.replace("[data-ogsc] ", "") == dark
