"""Comments that a page loads by a script, read from a real local server of each system's form."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.support.project import Project

SAID = "I kept the buoys of this channel for nineteen years, and the ships were late every autumn."
ISSO = {
    "total_replies": 1,
    "replies": [
        {"id": 1, "parent": None, "mode": 1, "author": "Anna Lee", "text": f"<p>{SAID}</p>"}
    ],
}
REMARK = {
    "comments": [{"id": "7a", "pid": "", "text": SAID, "user": {"name": "Anna Lee"}, "score": 2}],
    "info": {"count": 1},
}
COMMENTO = {
    "success": True,
    "comments": [
        {"commentHex": "aa", "commenterHex": "c", "parentHex": "root", "html": f"<p>{SAID}</p>"}
    ],
    "commenters": {"c": {"name": "Anna Lee"}},
}
DISCOURSE = {
    "post_stream": {
        "stream": [1, 2],
        "posts": [
            {"post_number": 1, "post_type": 1, "name": "Bot", "cooked": "<p>The article.</p>"},
            {"post_number": 2, "post_type": 1, "name": "Anna Lee", "cooked": f"<p>{SAID}</p>"},
        ],
    }
}
#: For each system: the page's markup, where it is asked, and its answer.
SYSTEMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Isso": ('<script data-isso="/talk/" src="/talk/js/embed.min.js"></script>', "/talk/", ISSO),
    "Remark42": (
        '<script>var remark_config = {host: "%s/remark", site_id: "quay"};</script>',
        "/remark/api/v1/find",
        REMARK,
    ),
    "Commento": ('<script src="/js/commento.js"></script>', "/api/comment/list", COMMENTO),
    "Discourse": (
        '<script>DiscourseEmbed = {discourseUrl: "%s/forum/", topicId: 47};</script>',
        "/forum/t/47.json",
        DISCOURSE,
    ),
}


def serve(server: HTTPServer, folder: Path, markup: str) -> Project:
    """Serve a feed of one post whose page has the markup; return a project that reads it."""
    words = "The council met in the old hall and agreed to mend the bridge before winter."
    feed = (
        "<rss version='2.0'><channel><title>Quay</title><item><title>Ships</title>"
        f"<link>{server.url_for('/ships/')}</link><description>{words}</description>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(hours=2))}</pubDate>"
        "</item></channel></rss>"
    )
    page = f"<html><body><article><p>{words}</p></article>{markup}</body></html>"
    server.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
    server.expect_request("/ships/").respond_with_data(page, content_type="text/html")
    project = Project(folder)
    project.write_config(feed_url=server.url_for("/feed"), smtp_port=9)
    return project


def stored(project: Project) -> list[tuple[str, str]]:
    with sqlite3.connect(project.database) as connection:
        return connection.execute("SELECT author, text FROM comments").fetchall()


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_open_system_is_read_with_one_request_a_post(
    httpserver: HTTPServer, tmp_path: Path, system: str
) -> None:
    markup, path, answer = SYSTEMS[system]
    asked: list[Request] = []

    def talk(request: Request) -> Response:
        asked.append(request)
        return Response(json.dumps(answer), content_type="application/json")

    project = serve(httpserver, tmp_path, markup.replace("%s", httpserver.url_for("").rstrip("/")))
    httpserver.expect_request(path).respond_with_handler(talk)
    assert project.run("collect").code == 0
    assert stored(project) == [("Anna Lee", SAID)]
    [request] = asked
    if system == "Commento":
        host = httpserver.url_for("").split("/")[2]
        assert request.method == "POST"
        assert json.loads(request.data) == {
            "commenterToken": "anonymous",
            "domain": host,
            "path": "/ships/",
        }
    else:
        assert request.method == "GET"
    if system == "Isso":
        assert request.args["uri"] == "/ships/"


def test_a_deleted_comment_of_a_system_is_deleted(httpserver: HTTPServer, tmp_path: Path) -> None:
    markup, path, answer = SYSTEMS["Isso"]
    project = serve(httpserver, tmp_path, markup)
    answers = [answer, {"total_replies": 0, "replies": []}]
    httpserver.expect_request(path).respond_with_handler(
        lambda _request: Response(json.dumps(answers.pop(0)), content_type="application/json")
    )
    assert project.run("collect").code == 0
    assert len(stored(project)) == 1
    assert project.run("collect").code == 0
    assert stored(project) == []


def test_feeds_test_names_the_system_of_the_newest_post(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    project = serve(httpserver, tmp_path, '<div id="disqus_thread"></div>')
    seen = project.run("feeds", "test", httpserver.url_for("/feed"))
    assert seen.code == 0
    assert "the newest post's page: Disqus, loaded by a script: cannot be read" in seen.out
    assert "`digest comments import`" in seen.out
