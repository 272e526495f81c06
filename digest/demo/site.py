"""The sample site: all pages, feeds and pictures of the paper at one time."""

from __future__ import annotations

import json
from collections.abc import Iterator

from digest.demo.issue import Issue, PrintedArticle, PrintedSection
from digest.demo.pages import Page, excerpt, render, render_page
from digest.demo.paper import data_files

_RSS = "application/rss+xml; charset=UTF-8"
_ATOM = "application/atom+xml; charset=UTF-8"
_JSON = "application/feed+json; charset=utf-8"


def render_site(issue: Issue) -> dict[str, Page]:
    """Return the whole site: a page for each path."""
    return dict(_pages(issue))


def _pages(issue: Issue) -> Iterator[tuple[str, Page]]:
    yield "/", render_page("home.html", issue=issue)
    yield "/style.css", render_page("style.css", "text/css; charset=utf-8")
    for section in issue.sections:
        yield _path(issue, section.url), render_page("section.html", issue=issue, section=section)
        yield _path(issue, section.feed_url), _feed(issue, section)
    for article in issue.articles:
        page = render_page("article.html", issue=issue, article=article)
        comments = render_page("comments.xml", _RSS, issue=issue, article=article)
        yield _path(issue, article.url), page
        yield _path(issue, article.comment_feed_url), comments
    for image in (data_files() / "images").iterdir():
        yield f"/images/{image.name}", Page(content_type="image/jpeg", body=image.read_bytes())


def _path(issue: Issue, url: str) -> str:
    return url.removeprefix(issue.base_url)


def _feed(issue: Issue, section: PrintedSection) -> Page:
    if section.format == "json":
        return Page(content_type=_JSON, body=_json_feed(issue, section).encode())
    content_type = _ATOM if section.format == "atom" else _RSS
    return render_page(f"{section.format}.xml", content_type, issue=issue, section=section)


def _json_feed(issue: Issue, section: PrintedSection) -> str:
    """Return a JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{section.name} – {issue.paper.name}",
        "home_page_url": section.url,
        "feed_url": section.feed_url,
        "description": section.summary,
        "language": issue.paper.language,
        "items": [_json_item(article) for article in section.articles],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(article: PrintedArticle) -> dict[str, object]:
    item: dict[str, object] = {
        "id": article.guid,
        "url": article.url,
        "title": article.title,
        "authors": [{"name": article.author}],
        "date_published": article.published_at.isoformat(),
        "summary": excerpt(article.body_html),
        "content_html": render("content.html", article=article).strip(),
        "tags": list(article.sections),
    }
    return item | ({"image": article.image_url} if article.image_url else {})
