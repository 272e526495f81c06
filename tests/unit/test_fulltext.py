"""The article of a page, without the rest of the page."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from digest.models import Document
from digest.readers.pages import fulltext
from digest.readers.pages.fulltext import read_article
from digest.readers.pages.page import read_page
from digest.text.html import clean_html, html_to_text, limit_depth
from tests.support.figures import examples, sample
from tests.support.parsed import NOW
from tests.support.timing import least_seconds

URL = "https://harbour.example/2026/ship/"
WORDS = (
    "The old ferry left the harbour at dusk, and those who had come to see it off stayed on the"
    " quay until its lights were gone. Nobody had thought that it would end so quietly."
)
PAGE = f"""<html><body><nav><a href="/">Home</a> <a href="/about">About</a></nav>
<article><h1>The ship</h1><p>{WORDS}</p><p>See <a href="/more">the list</a>. {WORDS}</p>
<div class="PDS_Poll">Should the ferry come back? Yes No View Results</div>
<div class="wp-polls" id="polls-3"><p>Which boat was the best of them all? Vote</p></div>
<div class="sharedaddy"><h3>Share this:</h3><ul><li>Click to share on Chirper</li></ul></div>
<div id="jp-relatedposts"><p>Related: another post of ours about boats</p></div></article>
<div id="comments"><ol class="commentlist"><li class="comment"><div class="comment-body">
<p>I was on that quay myself and I shall never forget the evening.</p></div></li></ol>
<div id="respond"><h3>Leave a Reply</h3></div></div><footer>All rights reserved</footer>
</body></html>"""


def test_the_article_is_separated_from_the_rest() -> None:
    html = read_article(PAGE, URL)
    words = html_to_text(html)
    assert words.count("left the harbour at dusk") == 2
    assert '<a href="https://harbour.example/more">the list</a>' in html
    for other in ("Home", "About", "rights reserved", "quay myself", "Leave a Reply"):
        assert other not in words


@pytest.mark.parametrize(
    "other", ["View Results", "Which boat", "Share this", "Chirper", "Related"]
)
def test_polls_and_buttons_are_not_part_of_the_article(other: str) -> None:
    assert other not in read_article(PAGE, URL)


def test_answers_in_a_forum_are_not_part_of_the_article() -> None:
    said = "The buoy blinks at night, and rings in the fog of the morning. " * 3
    answer = f"<div itemprop='comment' itemtype='http://schema.org/Comment'><p>{said}Yes</p></div>"
    meta = "<div class='crawler-post-meta'>sam November 23</div>"
    html = read_article(f"<main><div>{meta}<p>{said}How?</p></div>{answer}</main>", URL)
    assert "How?" in html
    assert not {"Yes", "sam"} & set(html_to_text(html).split())


def test_nothing_is_fetched(httpserver: HTTPServer) -> None:
    url = httpserver.url_for("/page")
    calls = f"<base href='{url}'><link rel=stylesheet href='{url}'><iframe src='{url}'></iframe>"
    for markup in (url, f"<a href='{url}'>{url}</a>", PAGE.replace("<nav>", f"{calls}<nav>")):
        read_article(markup, url)
    assert httpserver.log == []


def test_a_page_gives_its_article_if_requested() -> None:
    page = read_page(
        Document(body=PAGE.encode(), url=URL, content_type="text/html; charset=utf-8"), NOW
    )
    assert page.content_html == read_article(limit_depth(PAGE), URL)
    bare = read_page(
        Document(body=PAGE.encode(), url=URL, content_type="text/html"), NOW, wants_article=False
    )
    assert (bare.content_html, bare.url) == ("", page.url)


@pytest.mark.parametrize("markup", ["", "  ", "<p>", "words", "<html></html>", "\x00", "<!-- -->"])
def test_an_empty_page_has_no_article(markup: str) -> None:
    assert html_to_text(read_article(markup, URL)) in {"", "words"}


@pytest.mark.slow
@pytest.mark.proof
@pytest.mark.parametrize(
    "markup",
    sample(
        [
            "<div>word word word word, yes.</div>" * 7_400,
            f"<p>{'word, and so on. ' * 60_000}",
            "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
            "<a href=x>word word</a> " * 7_000,
            "<ul>" + "<li>word word" * 14_000,
            "<p>" + "http://a.example " * 60_000,
            '<p a="' + "<a b=" * 150_000,
        ]
    ),
    ids=sample(
        ["blocks", "one paragraph", "attributes", "links", "list", "addresses", "open quote"]
    ),
)
def test_a_hostile_page_takes_at_most_two_seconds(markup: str) -> None:
    read_article("<p>warm</p>", URL)
    page = limit_depth(f"<html><body>{markup[:1_000_000]}")
    assert least_seconds(lambda: read_article(page, URL), under=2) < 2


def test_a_page_that_is_too_large_has_no_article() -> None:
    assert read_article(PAGE.replace("dusk", "dusk" + " and" * 300_000), URL) == ""
    assert read_article(PAGE + "<b>x</b>" * fulltext.MAX_TAGS, URL) == ""


@pytest.mark.parametrize(
    "inserted",
    [
        "<script>if(0<e.length){" + "var a; " * 3000 + "}</script>",
        "<SCRIPT type='x'>" + "if (i<n) i++; " * 20_000 + "</SCRIPT>",
        "<style>" + "a<b " * 20_000 + "</style>",
        "<!-- <p " + "a " * 3000 + "> -->",
    ],
)
def test_a_script_is_not_counted_as_markup(inserted: str) -> None:
    assert "dusk" in read_article(PAGE.replace("</body>", f"{inserted}</body>") + inserted, URL)


@pytest.mark.slow
@examples(60)
@given(st.text(alphabet="<>/ap&;!-\"'= divscrptxé\n", max_size=400))
def test_the_result_is_always_clean(markup: str) -> None:
    html = read_article(f"<html><body><p>{WORDS}</p>{limit_depth(markup)}", URL)
    assert clean_html(html, URL) == html


_CODE = """
import sys
import digest.readers.parsing.worker, digest.readers.parsing.pool, digest.readers.pages.page
assert "trafilatura" not in sys.modules
from digest.readers.pages.fulltext import read_article
sys.modules["trafilatura"] = None
print(repr(read_article("<p>Words</p>", "https://harbour.example/")))
"""


@pytest.mark.slow
def test_a_worker_starts_without_the_library_and_reads_pages_without_it() -> None:
    run = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "''"
