"""Pages in place of a feed: what the operator is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.support.project import Project, rss

FEED = rss("The bridge is mended")
CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    "<script src='/cdn-cgi/challenge-platform/h/b'></script></body></html>"
)
PAGE = (
    "<!DOCTYPE html><html><head><title>The Hill Paper</title></head><body><h1>Our new site</h1>"
    "<p>Welcome to the new site of the paper.</p></body></html>"
)


class Site:
    """A feed whose answer a test changes."""

    def __init__(self, server: HTTPServer, project: Project) -> None:
        self.answer = Response(FEED, content_type="application/rss+xml")
        self._project = project
        server.expect_request("/feed").respond_with_handler(self._serve)
        project.write_config(feed_url=server.url_for("/feed"), smtp_port=1)

    def _serve(self, _request: Request) -> Response:
        return self.answer

    def problem(self) -> str:
        """Collect; return why the feed failed, empty if it was read."""
        result = self._project.run("collect", "--json")
        (feed,) = result.data["feeds"]
        is_failed = feed["result"] == "failed"
        assert result.code == is_failed
        return "".join(feed["problems"]) if is_failed else ""

    def result(self) -> str:
        """Collect what is due; return the feed's result."""
        (feed,) = self._project.run("collect", "--json").data["feeds"]
        return str(feed["result"])

    def list_feeds(self) -> Any:
        """Return the rows of `digest feeds list`."""
        return self._project.run("feeds", "list", "--json").data


@pytest.fixture
def site(httpserver: HTTPServer, tmp_path: Path) -> Site:
    return Site(httpserver, Project(tmp_path))


@pytest.mark.parametrize(
    "answer",
    [
        Response(CHALLENGE, content_type="text/html"),
        Response(CHALLENGE, status=403, content_type="text/html; charset=utf-8"),
        Response(CHALLENGE, status=503, content_type="text/html", headers={"Retry-After": "60"}),
        Response(b"", status=202),
        Response(b"", status=405, headers={"X-Protection": "captcha"}, content_type="text/html"),
    ],
    ids=["page", "403", "503", "202", "header"],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_site_that_wants_to_see_a_person_is_named_as_such(
    site: Site, answer: Response, *, is_known: bool
) -> None:
    if is_known:
        assert site.problem() == ""
    site.answer = answer
    problem = site.problem()
    assert "the site asks robots to prove themselves" in problem
    assert "user_agent, headers or cookie" in problem
    assert "address" not in problem


def test_a_page_in_place_of_a_known_feed_is_told_with_its_last_day(site: Site) -> None:
    assert site.problem() == ""
    site.answer = Response(PAGE, content_type="text/html")
    for _ in range(2):  # the same page is not parsed again, and told alike
        problem = site.problem()
        assert "a web page came in its place; it was a feed until 20" in problem
        assert "digest feeds add" in problem
    site.answer = Response(FEED)
    assert site.problem() == ""


def test_a_page_in_place_of_a_new_feed_needs_the_address_of_the_feed(site: Site) -> None:
    site.answer = Response(PAGE, content_type="text/html")
    problem = site.problem()
    assert "web page" in problem
    assert "it was a feed" not in problem


@pytest.mark.parametrize("status", [202, 203])
def test_a_feed_with_another_status_of_success_is_read(site: Site, status: int) -> None:
    site.answer = Response(FEED, status=status)
    assert site.problem() == ""


def test_a_challenge_with_a_wait_is_left_alone_until_then(site: Site) -> None:
    headers = {"Retry-After": "7200"}
    site.answer = Response(CHALLENGE, status=429, content_type="text/html", headers=headers)
    assert "robots" in site.problem()
    (row,) = site.list_feeds()["feeds"]
    assert row["last_error"].startswith("the site asks robots")
    assert site.result() == "waiting"


def test_a_plain_error_page_keeps_its_status(site: Site) -> None:
    site.answer = Response("<html><title>Not here</title></html>", 404, content_type="text/html")
    assert site.problem() == "HTTP 404; check the address"
