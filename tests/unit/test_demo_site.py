"""The sample site speaks the formats of real sites, and its links lead somewhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.demo.issue import Issue, print_issue
from digest.demo.pages import Page, excerpt, render_page
from digest.demo.paper import load_paper
from digest.demo.site import render_site
from digest.models import CommentKind, Document, ParsedFeed
from digest.readers.feeds.feed import read_feed
from digest.readers.responses.comments import read_comments

BASE = "http://127.0.0.1:8080"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def issue() -> Issue:
    return print_issue(load_paper(), now=NOW, base_url=BASE)


@pytest.fixture(scope="module")
def site(issue: Issue) -> dict[str, Page]:
    return render_site(issue)


@pytest.fixture(scope="module")
def feeds(issue: Issue, site: dict[str, Page]) -> dict[str, ParsedFeed]:
    pages = {s.name: (s.feed_url, site[s.feed_url.removeprefix(BASE)]) for s in issue.sections}
    return {
        name: read_feed(Document(body=page.body, url=url, content_type=page.content_type), NOW)
        for name, (url, page) in pages.items()
    }


def test_each_kind_of_feed_is_read_whole(issue: Issue, feeds: dict[str, ParsedFeed]) -> None:
    assert {name: feed.format for name, feed in feeds.items()} == {
        "Security": "rss20",
        "Economy": "rss20",
        "Culture": "atom10",
        "Nature": "json11",
    }
    for section in issue.sections:
        feed = feeds[section.name]
        assert feed.problems == ()
        assert [(p.title, p.author, p.published_at, p.image_alt) for p in feed.posts] == [
            (a.title, a.author, a.published_at, a.image_alt) for a in section.articles
        ]


def test_the_article_in_two_sections_is_the_same_in_both_feeds(
    feeds: dict[str, ParsedFeed],
) -> None:
    shared = [
        post
        for name in ("Security", "Economy")
        for post in feeds[name].posts
        if "lifeboat" in post.title
    ]
    assert len(shared) == 2
    assert shared[0] == shared[1]


def test_comment_feeds_have_the_shape_of_wordpress(
    feeds: dict[str, ParsedFeed], site: dict[str, Page]
) -> None:
    post = next(p for p in feeds["Security"].posts if p.title.startswith("“It Was"))
    page = site[post.comment_feed_url.removeprefix(BASE)]
    comments = read_comments(
        Document(body=page.body, url=post.comment_feed_url, content_type=page.content_type), NOW
    ).comments
    assert post.comment_count == len(comments) == 5
    assert [c.kind for c in comments].count(CommentKind.PINGBACK) == 1
    assert "[slideshow_deploy]" in post.content_html


def test_every_link_of_the_site_leads_to_a_page(site: dict[str, Page]) -> None:
    pages = [page.body.decode() for page in site.values() if page.content_type.startswith("text")]
    links = {link for page in pages for link in re.findall(r'(?:href|src)="([^"]+)"', page)}
    ours = {link.removeprefix(BASE).partition("#")[0] for link in links if "example" not in link}
    assert len(ours) > 30
    assert ours - site.keys() == set()


def test_words_that_end_a_cdata_section_stay_words() -> None:
    paper = load_paper()
    remark = replace(paper.articles[0].remarks[0], author="]]><b>Eve")
    article = replace(paper.articles[0], remarks=(remark,))
    issue = print_issue(replace(paper, articles=(article,)), now=NOW, base_url=BASE)
    page = render_page("comments.xml", "application/xml", issue=issue, article=issue.articles[0])
    (comment,) = read_comments(
        Document(body=page.body, url=BASE, content_type=page.content_type), NOW
    ).comments
    assert comment.author == "]]>Eve"


def test_the_json_feed_names_its_version(site: dict[str, Page]) -> None:
    feed = json.loads(site["/nature/feed.json"].body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert all(item["content_html"] for item in feed["items"])


def test_an_excerpt_has_the_first_words_and_no_markup() -> None:
    body = f"<p>The <em>Second Opinion</em>, tied.</p>\n<p>{'word ' * 60}</p>"
    assert excerpt(body).startswith("The Second Opinion, tied. word word")
    assert excerpt(body).endswith("word […]")
