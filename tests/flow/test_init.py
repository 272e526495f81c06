"""`digest init`, from the address of a site to a first edition in the browser."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from digest.app import App
from tests.support.project import Project, rss
from tests.support.terminal import Terminal

pytestmark = pytest.mark.long

_LINKS = "<title>Paper</title><link rel=alternate type='application/rss+xml' href='/main/'>"
#: The site of these tests is on this machine.
_LOCAL = {"DIGEST_FETCH__ALLOW_PRIVATE": "true", "DIGEST_SITE__DEVELOPMENT": "true"}
_FLAGS = (
    ("--public-url", "https://digest.hill.net"),
    ("--postal-address", "1 Hill Road, Anytown"),
    ("--from", "The Hill Paper <digest@hill.net>"),
    ("--relay", "smtp.hill.net:465"),
    ("--relay-user", "hill"),
    ("--schedule", "Fri 16:00"),
    ("--time-zone", "Europe/Zurich"),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name, value in _LOCAL.items():
        monkeypatch.setenv(name, value)
    return Project(tmp_path)


@pytest.fixture
def site(httpserver: HTTPServer) -> str:
    """Return the address of a site with one feed."""
    serve_site(httpserver, datetime.now(UTC))
    return str(httpserver.url_for("/"))


def serve_site(server: HTTPServer, now: datetime) -> None:
    posts = rss("A bridge is mended", "A clock is late", now=now).replace(
        "https://hill.example.org/", server.url_for("/posts/")
    )
    posts = posts.replace("<title>The Hill Paper", "<language>de-DE</language><title>Hill Paper", 1)
    server.expect_request("/").respond_with_data(_LINKS, content_type="text/html")
    server.expect_request("/main/").respond_with_data(posts, content_type="application/rss+xml")


def configured(project: Project) -> dict[str, Any]:
    return tomllib.loads(project.config.read_text("utf-8"))


def flags(*without: str) -> list[str]:
    return [word for pair in _FLAGS if pair[0] not in without for word in pair]


def terminal(project: Project, *arguments: str, **environment: str) -> Terminal:
    variables: Mapping[str, str] = {"BROWSER": "", "DISPLAY": "", "COLUMNS": "200", **environment}
    return Terminal(project.command("init", *arguments), project.folder, variables)


def test_flags_alone_lead_to_an_edition_with_nothing_left_to_do(
    project: Project, site: str
) -> None:
    password = project.folder / "relay-password"
    password.write_text("hush\n")
    done = project.run("init", site, *flags(), "--relay-password-file", str(password), "--json")
    assert done.code == 0, done.out + done.err
    assert done.data["to_do"] == []
    assert done.data["first_edition"]["edition"] == 1
    assert "A bridge is mended" in Path(done.data["first_edition"]["html"]).read_text("utf-8")
    written = configured(project)
    [feed], [newsletter], [relay] = written["feeds"], written["newsletters"], written["smtp"]
    assert (feed["category"], newsletter["categories"]) == ("Hill Paper", ["Hill Paper"])
    assert (newsletter["title"], newsletter["language"]) == ("Hill Paper", "de-DE")
    assert (newsletter["schedule"], newsletter["timezone"]) == ("Fri 16:00", "Europe/Zurich")
    assert (relay["port"], relay["security"]) == (465, "tls")
    assert App.load(project.config).config.smtp[0].password.get_secret_value() == "hush"
    assert "reply_to" not in newsletter


def test_the_comments_of_the_example_are_kept(project: Project, site: str) -> None:
    assert project.run("init", site, *flags()).code == 0
    kept = project.config.read_text("utf-8")
    for words in (
        "# Signs the",
        "# Printed in every mail",
        "# A feed of mixed posts",
        "# Mail rel",
    ):
        assert words.replace("Signs the", "Sign the links in mails") in kept


def test_what_is_neither_given_nor_asked_stays_a_placeholder(project: Project, site: str) -> None:
    os.environ.pop("DIGEST_SITE__DEVELOPMENT")
    done = project.run("init", site)
    assert done.code == 0, done.out + done.err
    for key in ("site.base_url", "site.postal_address", "newsletters.from", "smtp.host"):
        assert f"To do: {key}: " in done.out
    assert "site.name: " not in done.out
    assert "Edition 1: " in done.out
    checked = project.run("config", "check", "--json")
    assert (checked.code, checked.data["ok"]) == (1, False)


def test_an_option_that_the_configuration_would_refuse_is_refused_before_anything_is_written(
    project: Project, site: str
) -> None:
    for option, value, reason in (
        ("--from", "nobody", "--from: 'nobody' is not a mail address"),
        ("--schedule", "Someday", "--schedule: "),
        ("--time-zone", "Mars/Base", "--time-zone: 'Mars/Base' is not a time zone"),
        ("--relay", "smtp.hill.net:0", "--relay: must be 1 or more"),
        ("--relay", "", "--relay: is missing"),
        ("--public-url", "digest.hill.net", "--public-url: 'digest.hill.net' is not a web address"),
    ):
        done = project.run("init", site, *flags(option), option, value)
        assert (done.code, reason in done.err) == (2, True), done.err
        assert list(project.folder.iterdir()) == []


def test_a_placeholder_is_refused_as_an_answer(project: Project, site: str) -> None:
    os.environ.pop("DIGEST_SITE__DEVELOPMENT")
    done = project.run("init", site, *flags("--from"), "--from", "digest@example.org")
    assert (done.code, "'digest@example.org' is a placeholder" in done.err) == (2, True)
    done = project.run("init", site, *flags("--public-url"), "--public-url", "http://d.hill.net")
    assert (done.code, "--public-url: must start with https://" in done.err) == (2, True)


def test_a_site_without_a_feed_leaves_nothing_behind(
    project: Project, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("<p>Hello", content_type="text/html")
    done = project.run("init", httpserver.url_for("/"), *flags())
    assert (done.code, "no feed found" in done.err) == (1, True)
    assert list(project.folder.iterdir()) == []


def test_a_site_without_https_is_named_with_what_to_do(
    project: Project, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("<p>Hello", content_type="text/html")
    done = project.run("init", httpserver.url_for("/").replace("http:", "https:"), *flags())
    assert (done.code, "write its address with http://" in done.err) == (1, True)
    done = project.run("init", httpserver.url_for("/"), *flags())
    assert (done.code, "write its address with http://" in done.err) == (1, False)


def test_a_site_without_a_new_post_shows_a_mail_of_older_ones_that_is_not_stored(
    project: Project, httpserver: HTTPServer
) -> None:
    serve_site(httpserver, datetime.now(UTC) - timedelta(days=40))
    done = project.run("init", httpserver.url_for("/"), *flags())
    assert done.code == 0, done.out + done.err
    assert "No new post in the last week; a mail of older ones: " in done.out
    shown = (project.folder / "preview" / "edition-1.html").read_text("utf-8")
    assert "A bridge is mended" in shown
    assert project.run("status", "--json").data["editions"] == []


def test_a_second_init_changes_nothing(project: Project, site: str) -> None:
    assert project.run("init", site, *flags()).code == 0
    before = project.config.read_bytes()
    again = project.run("init", site, *flags())
    assert (again.code, "already exists" in again.err) == (2, True)
    assert project.config.read_bytes() == before


def test_force_keeps_the_signing_key_so_that_sent_links_keep_working(
    project: Project, site: str
) -> None:
    assert project.run("init", site, *flags()).code == 0
    before = configured(project)["site"]["secret_keys"]
    assert project.run("init", site, *flags(), "--force").code == 0
    assert configured(project)["site"]["secret_keys"] == before
    project.config.write_text(project.config.read_text("utf-8").replace("port = 465", "port = 0"))
    assert project.run("init", site, *flags(), "--force").code == 0
    assert configured(project)["site"]["secret_keys"] == before


# --- at a terminal -------------------------------------------------------------------------------


def test_the_dialogue_asks_again_with_the_reason_and_opens_the_edition(
    project: Project, site: str
) -> None:
    opened = project.folder / "opened"
    browser = project.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    with terminal(project, BROWSER=str(browser)) as screen:
        screen.answer("Address of your site", "not an address")
        screen.wait_for("is not a web address")
        screen.answer("Address of your site", site)
        screen.wait_for("A bridge is mended")
        screen.answer("Section for the posts of Hill Paper [Hill Paper]:", "News")
        screen.answer("Name of the publisher [Hill Paper]:", "")
        screen.answer("Title of the newsletter [Hill Paper]:", "The Hill, weekly")
        screen.answer("subscribers' pages", "digest.hill.net")
        screen.wait_for("is not a web address; it starts with https://")
        screen.answer("subscribers' pages", "https://digest.hill.net")
        screen.answer("Postal address", "1 Hill Road")
        screen.answer("Sender of the mails", "Hill")
        screen.wait_for("'Hill' is not a mail address")
        screen.answer("Sender of the mails", "Hill <digest@hill.net>")
        screen.answer("Day and time of the mails [Mon 07:00]:", "Monday morning")
        screen.answer("Day and time of the mails [Mon 07:00]:", "Tue 06:30")
        screen.answer("Time zone", "Europe/Paris")
        screen.answer("Mail relay", "smtp.hill.net")
        screen.answer("User name at the relay", "hill")
        screen.answer("Password: ", "hush")  # the space comes when nothing is echoed any more
        screen.wait_for("Edition 1: ")
    assert screen.code == 0, screen.shown
    assert "hush" not in screen.shown
    written = configured(project)
    assert written["newsletters"][0]["from"] == "Hill <digest@hill.net>"
    assert written["newsletters"][0]["categories"] == ["News"]
    relay = App.load(project.config).config.smtp[0]
    assert (relay.username, relay.password.get_secret_value()) == ("hill", "hush")
    secret = project.folder / written["smtp"][0]["password_file"]
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert opened.read_text().strip() == (project.folder / "preview/edition-1.html").as_uri()


def test_the_relay_may_be_left_for_later_and_the_outbox_serves(project: Project, site: str) -> None:
    with terminal(project, site, *flags("--relay", "--relay-user"), "--no-open") as screen:
        screen.answer("Section for", "")
        screen.answer("Name of", "")
        screen.answer("Title of", "")
        screen.answer("Mail relay", "")
    assert screen.code == 0, screen.shown
    assert project.run("subscribers", "add", "me@hill.net", "--consent", "my own").code == 0
    sent = project.run("send", "--now", "--outbox", "out")
    assert sent.code == 0, sent.out + sent.err
    assert list((project.folder / "out").rglob("*.eml"))


def test_ctrl_c_at_any_question_leaves_nothing_behind(project: Project, site: str) -> None:
    for question in ("Address of your site", "Section for"):
        with terminal(project) as screen:
            if question != "Address of your site":
                screen.answer("Address of your site", site)
            screen.interrupt(question)
        assert screen.code not in (0, None), screen.shown
        assert "Traceback" not in screen.shown
        assert list(project.folder.iterdir()) == []


def test_json_never_asks(project: Project, site: str) -> None:
    with terminal(project, site, "--json") as screen:
        pass
    assert screen.code == 0, screen.shown
    assert json.loads(screen.shown[screen.shown.index("{") :])["first_edition"]["edition"] == 1
