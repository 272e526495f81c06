"""`digest feeds`, with the real command and a real web server."""

from __future__ import annotations

import os
import pty
import subprocess
import tomllib
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.readers.opml import read_opml
from tests.support.project import Project, Result, rss

pytestmark = pytest.mark.long

_PAGE = "text/html; charset=utf-8"
_RSS = "application/rss+xml"
_MAIN = "<link rel=alternate type='application/rss+xml' title='Paper &raquo; Feed' href='/main/'>"
_COMMENTS = (
    "<link rel=alternate type='application/rss+xml' title='Paper &raquo; Comments Feed'"
    " href='/comments/feed/'>"
)


@pytest.fixture
def project(tmp_path: Path, httpserver: HTTPServer) -> Project:
    """Return a project with one feed, on a server whose other addresses each test sets."""
    serve(httpserver, "/known", paper(httpserver, "A bridge is mended"))
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/known"), smtp_port=9)
    return project


def serve(server: HTTPServer, path: str, body: str, content_type: str = _RSS) -> str:
    server.expect_request(path).respond_with_data(body, content_type=content_type)
    return str(server.url_for(path))


def add(project: Project, *arguments: str) -> Result:
    return project.run("feeds", "add", *arguments)


def configured(project: Project) -> list[tuple[str, str | list[str]]]:
    """Return the feeds as the file has them."""
    feeds = tomllib.loads(project.config.read_text("utf-8"))["feeds"]
    return [(feed["url"], feed["category"]) for feed in feeds]


def paper(server: HTTPServer, *titles: str) -> str:
    """Return a feed whose posts are on this server, so that no other host is requested."""
    return rss(*titles).replace("https://hill.example.org/", server.url_for("/posts/"))


def on_a_terminal(
    project: Project, *arguments: str, typed: str = "", **environment: str
) -> tuple[int, str]:
    """Run a command at a terminal; return its exit code and what the screen shows."""
    screen, keyboard = pty.openpty()
    os.write(screen, typed.encode())
    done = subprocess.run(
        project.command(*arguments),
        cwd=project.folder,
        env=os.environ | environment,
        stdin=keyboard,
        stdout=keyboard,
        stderr=keyboard,
        timeout=300,
    )
    os.close(keyboard)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    return done.returncode, shown


def assert_line(result: Result, code: int, *words: str) -> None:
    assert result.code == code, result.out + result.err
    assert "Traceback" not in result.out + result.err
    for word in words:
        assert word in result.err


def test_a_feed_of_a_site_is_found_and_added(project: Project, httpserver: HTTPServer) -> None:
    page = serve(httpserver, "/", f"<title>Paper</title>{_MAIN}{_COMMENTS}", _PAGE)
    serve(httpserver, "/main/", paper(httpserver, "A mill turns again", "A clock is late"))
    before = project.config.read_text()
    result = add(project, page)
    assert result.code == 0, result.err
    for word in ("The Hill Paper", "rss20, 2 posts", "- A mill turns again", "Comment feed, read"):
        assert word in result.out
    assert configured(project)[1] == (httpserver.url_for("/main/"), "News")
    block = f'\n[[feeds]]\nurl = "{httpserver.url_for("/main/")}"\ncategory = "News"\n'
    assert project.config.read_text().replace(block, "", 1) == before
    assert project.run("collect").code == 0


def test_a_feed_address_is_added_to_a_named_category(
    project: Project, httpserver: HTTPServer
) -> None:
    feed = serve(httpserver, "/sea.xml", paper(httpserver, "A ship comes in"))
    result = add(project, feed, "--category", "Sea", "--category", "News")
    assert_line(result, 0, "Warning: no newsletter shows the category 'Sea'", "--section weekly")
    assert configured(project)[1] == (feed, ["Sea", "News"])


def test_a_section_shows_the_category_from_now_on(project: Project, httpserver: HTTPServer) -> None:
    feed = serve(httpserver, "/sea.xml", paper(httpserver, "A ship comes in"))
    result = add(project, feed, "--category", "Sea", "--section", "weekly")
    assert (result.code, result.err) == (0, "")
    assert 'categories = ["News", "Sea"]' in project.config.read_text()
    assert_line(add(project, feed, "--section", "daily"), 2, "newsletter 'daily' does not exist")


def test_one_feed_in_two_formats_is_one(project: Project, httpserver: HTTPServer) -> None:
    same = paper(httpserver, "A mill turns again")
    atom = "<link rel=alternate type='application/atom+xml' href='/other/'>"
    page = serve(httpserver, "/", _MAIN + atom, _PAGE)
    serve(httpserver, "/main/", same)
    serve(httpserver, "/other/", same)
    result = add(project, page, "--json")
    assert result.code == 0
    assert [feed["url"] for feed in result.data["found"]] == [httpserver.url_for("/main/")]
    assert f"the same posts as {httpserver.url_for('/main/')}" in str(result.data["tried"])


def test_one_of_several_feeds_has_to_be_chosen(project: Project, httpserver: HTTPServer) -> None:
    other = "<link rel=feed title='Sport' href='/sport.xml'>"
    page = serve(httpserver, "/", _MAIN + other, _PAGE)
    serve(httpserver, "/main/", paper(httpserver, "A mill turns again"))
    race = paper(httpserver, "A race is run").replace("/posts/", "/races/")
    serve(httpserver, "/sport.xml", race)
    before = project.config.read_text()
    result = add(project, page)
    assert_line(result, 2, "has 2 feeds; give the address of one, or use --all")
    assert "/sport.xml" in result.out
    assert project.config.read_text() == before
    assert add(project, page, "--all").code == 0
    assert len(configured(project)) == 3


def test_a_category_feed_goes_to_its_category(project: Project, httpserver: HTTPServer) -> None:
    links = "<a href='/category/news/'>News</a><a href='/category/old/'>Old</a>"
    serve(httpserver, "/", _MAIN + links, _PAGE)
    serve(httpserver, "/main/", paper(httpserver, "A mill turns again", "A clock is late"))
    serve(httpserver, "/category/news/feed/", paper(httpserver, "A clock is late"))
    page = serve(httpserver, "/category/news/", _MAIN + links, _PAGE)
    result = add(project, page, "--json")
    assert result.code == 0, result.err
    assert result.data["added"] == [
        {"url": httpserver.url_for("/category/news/feed/"), "categories": ["News"]}
    ]
    front = add(project, httpserver.url_for("/"), "--json").data
    assert [feed["category"] for feed in front["found"]] == ["", "News"]
    assert "/category/old/feed/" in str(front["tried"])


def test_for_a_page_without_a_feed_the_usual_addresses_are_tried(
    project: Project, httpserver: HTTPServer
) -> None:
    page = serve(httpserver, "/", "<title>Paper</title><p>Words</p>", _PAGE)
    serve(httpserver, "/index.xml", paper(httpserver, "A mill turns again"))
    assert add(project, page).code == 0
    assert configured(project)[1][0] == httpserver.url_for("/index.xml")


def test_no_feed_is_reported_with_the_addresses_tried(
    project: Project, httpserver: HTTPServer
) -> None:
    page = serve(httpserver, "/", "<title>Paper</title>", _PAGE)
    result = add(project, page)
    assert_line(result, 1, f"digest: {page}: no feed found", "/rss.xml: HTTP 500")
    machine = add(project, page, "--json")
    assert (machine.code, machine.data["found"]) == (1, [])
    assert len(machine.data["tried"]) >= 8


def test_a_feed_of_comments_is_not_taken_for_posts(
    project: Project, httpserver: HTTPServer
) -> None:
    page = serve(httpserver, "/about/", "<title>About</title>", _PAGE)
    titled = paper(httpserver, "Anna").replace("The Hill Paper", "Comments on: About")
    serve(httpserver, "/about/feed/", titled)
    result = add(project, page)
    assert_line(result, 1, "/about/feed/: lists comments, not posts")


def test_a_configured_feed_is_not_added_twice(project: Project, httpserver: HTTPServer) -> None:
    known = httpserver.url_for("/known")
    before = project.config.read_text()
    assert_line(add(project, known + "/"), 3, "already in")
    link = f"<link rel=alternate type='application/rss+xml' href='{known}'>"
    page = serve(httpserver, "/", link, _PAGE)
    assert_line(add(project, page), 3, f"feed {known}: already in")
    httpserver.expect_request("/moved").respond_with_data(status=301, headers={"Location": known})
    assert_line(add(project, httpserver.url_for("/moved")), 3, "already")
    assert project.config.read_text() == before


def test_a_file_that_cannot_be_written_gets_lines_to_paste(
    project: Project, httpserver: HTTPServer
) -> None:
    feed = serve(httpserver, "/sea.xml", paper(httpserver, "A ship comes in"))
    project.config.chmod(0o444)
    result = add(project, feed, "--category", "News")
    assert_line(result, 1, "it is read-only; add these lines to it:")
    assert result.out.endswith(f'[[feeds]]\nurl = "{feed}"\ncategory = "News"\n')
    assert len(configured(project)) == 1
    result = add(project, feed, "--category", "Sea", "--section", "weekly")
    assert_line(result, 1, "and add their categories to newsletter 'weekly'")


def test_lines_are_printed_alone_for_other_programs(
    project: Project, httpserver: HTTPServer
) -> None:
    feed = serve(httpserver, "/sea.xml", paper(httpserver, "A ship comes in"))
    before = project.config.read_text()
    result = add(project, feed, "--print")
    assert (result.code, result.out) == (
        0,
        f'[[feeds]]\nurl = "{feed}"\ncategory = "News"\n',
    )
    assert project.config.read_text() == before


@pytest.mark.parametrize("url", ["nonsense", "javascript:alert(1)", "file:///etc/passwd", ""])
def test_an_invalid_address_is_a_usage_error(project: Project, url: str) -> None:
    result = add(project, url)
    assert_line(result, 2, "is not a web address; use one such as")
    assert result.err.count("\n") == 1


def test_hostile_titles_command_no_terminal(project: Project, httpserver: HTTPServer) -> None:
    evil = paper(httpserver, "A &#x9b;31m mill", "\u202egnp.exe").replace(
        "The Hill", "The \u009b2J Hill"
    )
    feed = serve(httpserver, "/evil.xml", evil)
    for result in (add(project, feed), project.run("feeds", "test", feed)):
        assert result.code == 0
        assert not set("\x1b\x9b\u202e") & set(result.out)
    assert "\x9b" not in project.config.read_text()


def test_the_health_of_every_feed_is_listed(project: Project, httpserver: HTTPServer) -> None:
    (fresh,) = project.run("feeds", "list", "--json").data["feeds"]
    assert (fresh["state"], fresh["read_at"], fresh["recent_posts"]) == ("new", None, 0)
    httpserver.clear()
    comments = serve(httpserver, "/mill/feed/", paper(httpserver, "By: Anna"))
    named = f"<c:commentRss xmlns:c='http://wellformedweb.org/CommentAPI/'>{comments}"
    body = paper(httpserver, "A mill").replace("</item>", f"{named}</c:commentRss></item>")
    serve(httpserver, "/known", body)
    assert project.run("collect").code == 0
    (read,) = project.run("feeds", "list", "--json").data["feeds"]
    assert (read["state"], read["title"], read["recent_posts"]) == ("ok", "The Hill Paper", 1)
    assert read["comment_sources"] == {"feed": 1}
    assert read["new_at"]
    assert read["next_try"] > read["read_at"]
    httpserver.clear()
    assert project.run("collect").code == 1
    result = project.run("feeds", "list")
    assert result.code == 1
    assert "failing" in result.out
    assert "last read (UTC)" in result.out
    assert "1 failure in a row: HTTP 500" in result.out
    project.run("collect")
    assert "2 failures in a row: HTTP 500" in project.run("feeds", "list").out


def test_a_feed_is_explained_without_being_stored(project: Project, httpserver: HTTPServer) -> None:
    body = paper(httpserver, "A ship comes in").replace(
        "</item>", "<author>anna@x.example (Anna)</author></item>"
    )
    body = body.replace(
        "</channel>", "<item><title>Old</title><pubDate>soon</pubDate></item></channel>"
    )
    httpserver.expect_request("/sea.xml").respond_with_data(
        body, content_type=f"{_RSS}; charset=utf-8", headers={"ETag": '"7"'}
    )
    feed = httpserver.url_for("/sea.xml")
    for file in project.folder.glob("digest.db*"):
        file.unlink()
    result = project.run("feeds", "test", feed)
    assert result.code == 0, result.err
    for words in (
        "The Hill Paper (rss20)",
        "Response: HTTP 200, application/rss+xml; charset=utf-8",
        'ETag: "7"',
        "Encoding: utf-8 (server), utf-8 (document)",
        "ID: post-A ship comes in",
        "Author: Anna",
        "(stub, not the full text)",
        "On collect: new, mailed",
        "Date: soon -> rejected: cannot be read",
        "On collect: new, not mailed: backlog",
    ):
        assert words in result.out
    assert not project.database.exists()


def test_a_configured_feed_is_explained_with_what_is_known(
    project: Project, httpserver: HTTPServer
) -> None:
    known = httpserver.url_for("/known")
    assert project.run("collect").code == 0
    seen = project.run("feeds", "test", known, "--json").data
    assert [post["intake"] for post in seen["posts"]] == ["known"]
    assert seen["configured"]["categories"] == ["News"]


def test_the_page_of_an_article_is_explained_with_its_comments(
    project: Project, httpserver: HTTPServer
) -> None:
    page = serve(httpserver, "/mill/", f"<title>A mill</title>{_MAIN}{_COMMENTS}", _PAGE)
    serve(httpserver, "/comments/feed/", paper(httpserver, "By: Anna", "Pingback: Sea"))
    result = project.run("feeds", "test", page)
    assert result.code == 0, result.err
    assert f"Feed with posts: {httpserver.url_for('/main/')}" in result.out
    assert "/comments/feed/: 1 comment, 1 pingback" in result.out


@pytest.mark.parametrize(
    ("path", "words"),
    [("/none", "HTTP 500"), ("/empty", "empty"), ("/broken", "neither"), ("/page", "no feeds and")],
)
def test_an_unreadable_document_is_reported_in_one_line(
    project: Project, httpserver: HTTPServer, path: str, words: str
) -> None:
    serve(httpserver, "/empty", "")
    serve(httpserver, "/broken", "<?xml version='1.0'?><sitemap/>")
    serve(httpserver, "/page", "<title>Paper</title><p>Words</p>", _PAGE)
    result = project.run("feeds", "test", httpserver.url_for(path))
    assert_line(result, 1, words)
    assert result.err.count("\n") == 1


def test_a_list_is_imported_and_exported(project: Project, tmp_path: Path) -> None:
    listed = tmp_path / "my.opml"
    listed.write_text(
        """<opml version="2.0"><body><outline text="News"><outline text="A" type="rss"
        xmlUrl="https://a.example/feed/"/></outline><outline text="Sea">
        <outline text="A" xmlUrl="https://a.example/feed/"/>
        <outline text="B" xmlUrl="https://b.example/feed/"/></outline></body></opml>"""
    )
    before = project.config.read_text()
    assert project.run("feeds", "import", str(listed), "--dry-run").code == 0
    assert project.config.read_text() == before
    result = project.run("feeds", "import", str(listed), "--json")
    assert result.code == 0, result.err
    assert configured(project)[1:] == [
        ("https://a.example/feed/", ["News", "Sea"]),
        ("https://b.example/feed/", "Sea"),
    ]
    assert_line(project.run("feeds", "import", str(listed)), 3, "all its feeds are already in")
    exported = tmp_path / "again.opml"
    assert project.run("feeds", "export", str(exported)).code == 0
    feeds = read_opml(exported.read_bytes(), "again.opml").feeds
    assert [(feed.url, list(feed.categories)) for feed in feeds[1:]] == [
        ("https://a.example/feed/", ["News", "Sea"]),
        ("https://b.example/feed/", ["Sea"]),
    ]


def test_bad_entries_are_named_and_the_others_added(project: Project, tmp_path: Path) -> None:
    listed = tmp_path / "my.opml"
    listed.write_text(
        """<opml><body><outline text="Bad" xmlUrl="ftp://a.example/"/>
        <outline text="Alone" xmlUrl="https://alone.example/feed/"/>
        <outline text="News"><outline text="B" xmlUrl="https://b.example/feed/"/></outline>
        </body></opml>"""
    )
    result = project.run("feeds", "import", str(listed))
    assert_line(
        result, 1, "Bad: 'ftp://a.example/' is not a web", "not in a folder; use --category"
    )
    assert configured(project)[1:] == [("https://b.example/feed/", "News")]
    assert project.run("feeds", "import", str(listed), "--category", "News").code == 1
    assert configured(project)[2] == ("https://alone.example/feed/", "News")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not OPML: not well-formed"),
        ("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "a DTD or entities are not allowed"),
    ],
)
def test_a_file_that_is_not_opml_changes_nothing(
    project: Project, tmp_path: Path, text: str, words: str
) -> None:
    listed = tmp_path / "my.opml"
    listed.write_text(text)
    before = project.config.read_text()
    result = project.run("feeds", "import", str(listed))
    assert_line(result, 2, words)
    assert result.err.count("\n") == 1
    assert project.config.read_text() == before


def test_a_terminal_is_asked_which_feed_and_which_category(
    project: Project, httpserver: HTTPServer
) -> None:
    page = serve(httpserver, "/", f"{_MAIN}<link rel=feed href='/sport.xml'>", _PAGE)
    serve(httpserver, "/main/", paper(httpserver, "A mill turns again"))
    race = paper(httpserver, "A race is run").replace("/posts/", "/races/")
    serve(httpserver, "/sport.xml", race)
    code, shown = on_a_terminal(project, "feeds", "add", page, typed="2\nSport\n")
    assert (code, "Which one?" in shown) == (0, True), shown
    assert configured(project)[1:] == [(httpserver.url_for("/sport.xml"), "Sport")]


def test_a_narrow_terminal_shows_whole_addresses(project: Project) -> None:
    code, shown = on_a_terminal(project, "feeds", "list", COLUMNS="60", TERM="dumb")
    assert code == 0, shown
    first = [line.partition(" ")[0] for line in shown.splitlines()]
    assert configured(project)[0][0] in "".join(first)
