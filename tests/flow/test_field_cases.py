"""Feeds, pages and lists as the field has them, read as far as the words that a mail prints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.composer.edition import compose
from digest.letter.printing.local import post_date
from digest.models import Candidate, Comment, Document, Edition, FeedSource, ParsedFeed, ParsedPost
from digest.pipeline.collect import collect
from digest.readers.feeds.feed import read_feed
from digest.readers.opml import read_opml
from digest.readers.pages.page import read_page
from digest.readers.parsing.pool import ParserPool
from digest.readers.responses.comments import read_comments
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.posts import last_seq, posts_between
from tests.support.composing import a_candidate, a_comment, the_issue, the_rules

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DATA = Path(__file__).parent.parent / "data" / "field"
STORY = (
    "The harbour has a new crane on the old quay. It scares nobody when wind comes from the east."
)


def document(name: str) -> Document:
    return Document(body=(DATA / name).read_bytes(), url="https://paper.example/feed/")


def read(name: str) -> ParsedFeed:
    return read_feed(document(name), NOW)


def candidate(number: int, post: ParsedPost) -> Candidate:
    return a_candidate(
        id=number,
        url=post.url,
        title=post.title,
        published_at=post.published_at or NOW,
        summary_html=post.summary_html,
        content_html=post.content_html,
    )


def composed(*candidates: Candidate) -> Edition:
    edition = compose(the_rules(), candidates, the_issue())
    assert edition is not None
    return edition


def stories(name: str) -> dict[str, tuple[str, str]]:
    """Return the title and the excerpt of each post of a feed, by the end of its link."""
    candidates = [candidate(number, post) for number, post in enumerate(read(name).posts, start=1)]
    return {
        story.url.rpartition("/")[2]: (story.title, story.excerpt)
        for story in composed(*candidates).stories
    }


@pytest.mark.parametrize(
    ("name", "link", "excerpt"),
    [
        (
            "quote-lead.xml",
            "q",
            "“I think the bridge is too low for the tall ships that come.” That is not right, since"
            " the chart gives nineteen metres at the lowest tide of the year, and no ship has more"
            " than seventeen.",
        ),
        (
            "spoiler.xml",
            "s",
            "The jury has spoken about the harbour film after two long nights of talk in the old"
            " town hall.",
        ),
        (
            "layout-table.xml",
            "17",
            "Dear reader, this week the harbour was quiet, and only the gulls made noise at night"
            " above the roofs of the town. On Friday the first ship of winter came in with salt"
            " from the south, and all the bells rang at once.",
        ),
        ("controls.xml", "1", "Words."),
        ("photo-caption.xml", "1", ""),
    ],
)
def test_an_excerpt_has_only_the_words_of_the_author(name: str, link: str, excerpt: str) -> None:
    assert stories(name)[link][1] == excerpt


def test_posts_without_a_title_say_their_words_once() -> None:
    found = stories("titleless.xml")
    assert found["1"] == ("Ahoy!", "")
    assert found["2"] == ("Fog again. #fog", "")
    title, excerpt = found["3"]
    assert title == ""
    assert excerpt.startswith("The pilots have waited since five")
    assert excerpt.endswith("the flood of 1987 again.")


def test_posts_with_only_a_description_are_linked_to_their_site() -> None:
    assert [(post.title, post.url) for post in read("only-descriptions.xml").posts] == [
        ("", "")
    ] * 2
    assert read("only-descriptions.xml").site_url == "https://blog.example/"


def test_the_author_of_the_feed_is_that_of_its_entries() -> None:
    assert read("feed-author.xml").posts[0].author == "Anna Lee"
    assert read("authors-and-author.json").posts[0].author == "Anna, Ben"


def test_a_number_as_id_is_no_link() -> None:
    feed = read("number-as-id.xml")
    assert (feed.site_url, feed.posts[0].url, feed.posts[0].guid) == ("", "", "41")


def test_titles_of_a_json_feed_are_plain_text() -> None:
    (post,) = read("plain-title.json").posts
    assert post.title == "The return of <b> and <i>"
    assert post.feed_categories == ("ships", "harbour news")


def test_the_caption_of_a_photo_describes_it() -> None:
    (post,) = read("photo-caption.xml").posts
    assert (post.summary_html, post.image_alt) == ("", "The mayor, left, at the quay.")


def test_the_date_of_a_post_of_another_year_has_its_year() -> None:
    published = read("old-year.xml").posts[0].published_at
    assert published is not None
    shown = post_date(published, printed=NOW, language="en", timezone="UTC")
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == "May 5, 2019"


def test_a_script_in_a_page_does_not_cost_its_article() -> None:
    page = read_page(document("inline-script.html"), NOW)
    assert page.content_html.count("<p>") == 12


def test_a_quote_in_an_attribute_costs_no_feed() -> None:
    feeds = read_opml((DATA / "quotes-in-attribute.opml").read_bytes(), "export.opml").feeds
    assert [feed.title for feed in feeds] == ["One", "Two", "Three"]


def comments(name: str) -> list[Comment]:
    found = read_comments(document(name), NOW).comments
    return [
        a_comment(each.text, id=number, author=each.author)
        for number, each in enumerate(found, start=1)
    ]


def test_an_edit_and_a_signature_end_a_quotation() -> None:
    post = a_candidate(*comments("comment-signature.xml"), content_html=f"<p>{STORY}</p>")
    (quote,) = composed(post).stories[0].quotes
    assert quote.text.endswith("when the wind came from the east.")


def test_removed_and_waiting_comments_do_not_make_a_post_discussed() -> None:
    post = a_candidate(*comments("removed-comments.xml"), content_html=f"<p>{STORY}</p>")
    (story,) = composed(post).stories
    assert (story.discussed, story.quotes) == (0, ())


@pytest.mark.parametrize("name", ["relaunch", "archive"])
async def test_what_a_site_lists_anew_is_not_mailed(
    httpserver: HTTPServer, database: Database, parsers: ParserPool, name: str
) -> None:
    source = FeedSource(
        url=httpserver.url_for("/feed"), categories=("Sea",), has_comments=False, full_text=False
    )
    mailable = []
    async with Fetcher(allow_private=True) as fetcher:
        for step, now in (("before", NOW), ("after", NOW + timedelta(days=1))):
            body = (DATA / f"{name}-{step}.xml").read_bytes()
            body = body.replace(b"https://paper.example", httpserver.url_for("").encode())
            httpserver.clear()
            httpserver.expect_request("/feed").respond_with_data(body, content_type="text/xml")
            await collect(database, fetcher, parsers, (source,), now=now)
            with database.read() as connection:
                mailable.append(len(posts_between(connection, 0, last_seq(connection))))
    assert mailable[0] == mailable[1] > 0
