from __future__ import annotations

from dataclasses import replace

import pytest

from digest.models import FeedSource, UnvisitedPost
from digest.readers.pages.visits import MAX_CHARS, fuller_text, is_stub, is_web_page, needs_page
from digest.text.html import better_text
from tests.support.timing import within

BEGINNING = "The old harbour crane was lifted from its bed on Tuesday morning, and nobody cheered."
ARTICLE = f"<p>{BEGINNING}</p>" + "".join(
    f"<p>Paragraph {number} tells of the crane, the harbour master and the weather.</p>"
    for number in range(30)
)
OTHER = "".join(
    f"<p>Paragraph {number} is about sourdough, ovens and patience.</p>" for number in range(40)
)
SOURCE = FeedSource(url="https://harbour.example/feed", categories=("Sea",))


def post(**fields: object) -> UnvisitedPost:
    """Return a post whose feed left nothing out."""
    full = UnvisitedPost(
        id=1,
        url="https://harbour.example/crane",
        title="The crane leaves the harbour",
        summary_html="",
        content_html=ARTICLE,
        has_image=True,
        has_comment_feed=True,
        count=0,
        known_count=0,
    )
    return replace(full, **fields)  # type: ignore[arg-type]  # fields named by the test


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({}, False),
        ({"count": 1}, False),
        ({"count": 2}, True),  # which answers which?
        ({"count": None, "known_count": 2}, True),
        ({"has_comment_feed": False}, True),
        ({"has_image": False}, True),
        ({"content_html": BEGINNING}, True),
        ({"content_html": BEGINNING, "url": ""}, False),
    ],
)
def test_a_page_is_read_for_parts_missing_in_the_feed(
    fields: dict[str, object], *, needed: bool
) -> None:
    assert needs_page(post(**fields), SOURCE) == needed


def test_a_page_is_not_read_for_unwanted_parts() -> None:
    bare = post(content_html=BEGINNING, has_comment_feed=False, count=9)
    assert not needs_page(bare, replace(SOURCE, has_comments=False, full_text=False))
    assert needs_page(bare, replace(SOURCE, has_comments=False))
    assert needs_page(bare, replace(SOURCE, full_text=False))


def test_a_page_is_not_read_for_a_picture_that_no_mail_shows() -> None:
    bare = post(has_image=False)
    assert needs_page(bare, SOURCE)
    assert not needs_page(bare, replace(SOURCE, has_images=False))


@pytest.mark.parametrize(
    ("summary", "content", "stub"),
    [
        (BEGINNING, "", True),
        ("", ARTICLE, False),
        (ARTICLE, "", False),  # feeds put whole articles there, too
        (BEGINNING, ARTICLE, False),
        ("", ARTICLE[:1500] + " […]</p>", True),
        ("", ARTICLE[:1500] + " [...]</p><p>The post Crane appeared first on Harbour.</p>", True),
        ("", ARTICLE[:1500] + "</p><p>Continue reading Crane</p>", True),
        ("", ARTICLE[:1500] + "</p><p>Weiterlesen »</p>", True),
        ("", ARTICLE[:1500] + "</p>", False),
        ("", "", True),
    ],
)
def test_a_beginning_is_distinguished_from_an_article(
    summary: str, content: str, *, stub: bool
) -> None:
    assert is_stub(summary, content) == stub


@pytest.mark.parametrize(
    ("page", "fields", "kept"),
    [
        (ARTICLE, {"content_html": BEGINNING}, True),
        (ARTICLE, {"content_html": "", "summary_html": f"<p>{BEGINNING} […]</p>"}, True),
        # A written summary, and none at all: the words decide.
        (ARTICLE, {"content_html": "", "summary_html": "Weather delays harbour crane."}, True),
        (ARTICLE, {"content_html": ""}, True),
        (OTHER, {"content_html": BEGINNING}, False),
        (OTHER, {"content_html": ""}, False),
        (f"<p>{BEGINNING}</p>", {"content_html": BEGINNING}, False),  # no more than the feed
        (ARTICLE, {}, False),
        ("", {"content_html": BEGINNING}, False),
        (f"<p>{BEGINNING}</p>{'x' * MAX_CHARS}", {"content_html": BEGINNING}, False),
    ],
)
def test_the_text_of_a_page_is_kept_if_it_is_the_longer_article(
    page: str, fields: dict[str, object], *, kept: bool
) -> None:
    assert fuller_text(page, post(**fields)) == (page if kept else "")


def test_a_beginning_is_found_in_a_language_without_spaces() -> None:
    beginning = "港の古いクレーンは火曜日の朝に台座から持ち上げられたが、歓声は上がらなかった。"
    page = f"<p>{beginning}{'港長は天気について話した。' * 60}</p>"
    assert fuller_text(page, post(title="クレーン", content_html=beginning)) == page


def test_the_longer_text_is_printed() -> None:
    assert better_text(BEGINNING, ARTICLE) == ARTICLE
    assert better_text(ARTICLE, BEGINNING) == ARTICLE
    assert better_text(BEGINNING, "") == BEGINNING
    assert better_text(f"<p>{BEGINNING}</p>", "<p><b><i>Beginning.</i></b></p>" * 2) != ARTICLE


@pytest.mark.parametrize(
    ("header", "is_page"),
    [
        ("text/html; charset=utf-8", True),
        ("application/xhtml+xml", True),
        ("", True),
        ("application/pdf", False),
        ("image/jpeg", False),
    ],
)
def test_a_document_that_is_not_a_web_page_is_known_by_its_header(
    header: str, *, is_page: bool
) -> None:
    assert is_web_page(header) == is_page


@pytest.mark.parametrize("hostile", ["a" * 1_000_000, "read more " * 100_000, "[… " * 300_000])
def test_hostile_text_takes_no_longer(hostile: str) -> None:
    with within(1):
        assert not is_stub(hostile, "")
        page = f"<p>{hostile[:MAX_CHARS]}</p>"
        # Endless text is no article of the post, or the page as it is.
        assert fuller_text(page, post(content_html=hostile[:800])) in ("", page)
