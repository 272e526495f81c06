"""What a page does not show, and what others wrote, is no text of the author."""

from __future__ import annotations

import pytest

from digest.text.html import clean_html, html_to_text
from tests.support.timing import least_seconds

BASE = "https://harbour.example/"


def text_of(html: str) -> str:
    return html_to_text(clean_html(html, BASE))


@pytest.mark.parametrize(
    "unseen",
    [
        "<details><summary>Who won?</summary><p>The cook did it.</p></details>",
        "<p hidden>h</p>",
        "<div style='display: none'>Preview of the letter</div>",
        "<span style='VISIBILITY:hidden'>h</span>",
        "<dialog><p>Accept all?</p></dialog>",
        "<span aria-hidden='true'>★ 4</span>",
        "<span class='screen-reader-text'>opens in a new tab</span>",
        "<span class='u-visually-hidden'>opens in a new tab</span>",
        "<textarea>&lt;p&gt;Embed code&lt;/p&gt;</textarea>",
        "<button>Copy</button>",
        "<select><option>May</option></select>",
        "<nav>Contents</nav>",
        "<video>No video</video>",
        "<audio>No audio</audio>",
        "<object>No plugin</object>",
        "<form><label>Your address</label><input><p>Sign up.</p></form>",
        "<aside><p>Also read this.</p></aside>",
        "<blockquote class='twitter-tweet'><p>Ha!</p></blockquote>",
        "<blockquote class='instagram-media'>Ha!</blockquote>",
        "<div class='wp-block-embed__wrapper'>https://film.example/</div>",
        "<div class='spoiler'>The cook did it.</div>",
        "<div class='episode-transcript'><p>HOST: Hello.</p></div>",
        "<div hidden class='x'><details><p hidden>a</p></details></div>",
    ],
)
def test_what_is_hidden_or_by_others_is_removed(unseen: str) -> None:
    assert text_of(f"<p>The jury has spoken.</p>{unseen}<p>It rained.</p>") == (
        "The jury has spoken.\n\nIt rained."
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<details open><summary>Now</summary><p>It is open.</p></details>", "Now\n\nIt is open."),
        ("<p><span aria-hidden='true'>T</span>he ship</p>", "The ship"),
        (
            "<p><b aria-hidden='true'>Th</b><span class='sr-only'>The</span> ship</p>",
            "The ship",
        ),
        ("<form id='page'><p>All of it.</p></form>", "All of it."),
        ("<p class='tag-transcript not-sr-only'>Kept.</p>", "Kept."),
        (
            "<p>It is <a aria-hidden='true' href='/x'><img src='/a.png'>here</a>.</p>",
            "It is here.",
        ),
        ("<section>One.</section><section>Two.</section>", "One.\n\nTwo."),
        ("<p><ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>の町</p>", "港の町"),
        ("<p>Nothing hidden in this hidden place.</p>", "Nothing hidden in this hidden place."),
    ],
)
def test_what_a_visitor_reads_stays(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "piece", ["<p hidden>", "<div aria-hidden=true>a", "<form>a", "<b class=sr-only>", "<math>"]
)
def test_hidden_elements_without_end_are_removed_quickly(piece: str) -> None:
    html = piece * (250_000 // len(piece))
    assert least_seconds(lambda: text_of(html), under=5) < 5


def test_the_body_itself_is_never_hidden() -> None:
    assert clean_html("<body hidden><p>A mill turns</p></body>", "") == "<p>A mill turns</p>"


def test_a_page_of_frames_has_no_text_to_hide() -> None:
    assert clean_html("<frameset><frame hidden></frameset>", "") == ""


@pytest.mark.parametrize("more", ["", "<p hidden>h</p>"])
def test_the_head_of_a_document_is_no_text(more: str) -> None:
    page = f"<html><head><title>Mills</title></head><body><p>A mill turns</p>{more}</body></html>"
    assert text_of(page) == "A mill turns"
