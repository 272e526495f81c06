"""The pages of feeds, people, imports and settings over real HTTP, without scripts."""

from __future__ import annotations

import json
import re
import stat
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import delete, func, select

from digest.store.tables import audit, stored_counts
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import DESK
from tests.support.desk_forms import Forms, words_of
from tests.support.desk_work import Desk
from tests.support.web_server import Answer, Site, serving

FIELDS = """
[[fields]]
name = "plan"
label = "Plan"
kind = "choice"
choices = ["pro", "free"]

[[newsletters]]"""
PAPER = (
    "<rss version='2.0'><channel><title>The Mill &lt;b&gt;Paper</title>"
    "<item><title>A mill &lt;script&gt;alert(1)&lt;/script&gt;</title>"
    "<link>https://mill.example.org/a/</link><guid>a</guid>"
    "<description>The council met in the old hall and agreed.</description></item></channel></rss>"
)


@dataclass(frozen=True, slots=True)
class Office:
    """A newsletter with 60 subscribers, and its desk."""

    desk: Desk
    site: Site
    forms: Forms

    @property
    def config(self) -> Path:
        return self.desk.project.config

    def words(self, path: str) -> str:
        answer = self.site.ask(path)
        assert answer.status == 200, words_of(answer)
        return words_of(answer)

    def feed_urls(self) -> list[str]:
        return [feed["url"] for feed in tomllib.loads(self.config.read_text())["feeds"]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    desk = Desk.open(tmp_path)
    desk.project.change_config("\n[[newsletters]]", f"# The fields.{FIELDS}")
    desk.add_subscribers(60)
    with serving(create_desk(desk_door(desk.app), DESK)) as site:
        yield Office(desk, site, Forms(site))


def paper_url(httpserver: HTTPServer) -> str:
    httpserver.expect_request("/mill").respond_with_data(PAPER, content_type="application/rss+xml")
    return httpserver.url_for("/mill")


def wait_for(office: Office, path: str, words: str) -> str:
    """Ask for a page until it has these words."""
    for _ in range(200):
        found = office.words(path)
        if words in found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{words!r} is not on the page: {found}")


# --- feeds ----------------------------------------------------------------------------------------


def test_a_feed_is_found_added_read_and_removed(office: Office, httpserver: HTTPServer) -> None:
    url = paper_url(httpserver)
    before = office.config.read_text()
    found = office.forms.post("/feeds/find", {"url": url})
    assert "1 feed found" in words_of(found)
    assert "<script>alert" not in found.text
    tested = words_of(office.forms.post("/feeds/test", {"url": url}))
    assert "Nothing was stored" in tested
    assert "A mill" in tested
    assert office.config.read_text() == before
    added = office.forms.post("/feeds/add", {"url": url, "category": "News; Sport"})
    assert added.status == 303
    assert office.feed_urls()[-1] == url
    assert "# The fields." in office.config.read_text()
    page = next(
        line.split('"')[0]
        for line in office.site.ask("/feeds").text.split('href="')
        if line.startswith("/feeds/") and url in line
    )
    tried = office.forms.post(f"{page}/try")
    assert tried.status == 303
    shown = office.site.ask(page)
    assert "The Mill" in words_of(shown)
    assert "<script>alert" not in shown.text
    assert "no: backlog" in words_of(shown)
    assert office.forms.post(f"{page}/remove").status == 303
    assert url not in office.feed_urls()
    assert office.site.ask(page).status == 404


def test_a_file_that_cannot_be_written_is_one_clear_message_with_the_lines(office: Office) -> None:
    office.config.chmod(stat.S_IRUSR)
    before = office.config.read_text()
    answer = office.forms.post("/feeds/add", {"url": "https://a.example.org/f", "category": "News"})
    office.config.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert answer.status == 409
    assert "it is read-only; add these lines to it:" in words_of(answer)
    assert 'url = "https://a.example.org/f"' in words_of(answer)
    assert office.config.read_text() == before


def test_a_feed_added_in_the_file_meanwhile_is_kept_and_shown(office: Office) -> None:
    office.site.ask("/feeds")
    office.desk.project.change_config(
        "# The fields.",
        '[[feeds]]\nurl = "https://by.hand.example.org/f"\ncategory = "News"\n# The fields.',
    )
    assert "https://by.hand.example.org/f" in office.words("/feeds")
    added = office.forms.post("/feeds/add", {"url": "https://b.example.org/f", "category": "News"})
    assert added.status == 303
    assert office.feed_urls()[-2:] == ["https://by.hand.example.org/f", "https://b.example.org/f"]
    again = office.forms.post("/feeds/add", {"url": "https://b.example.org/f", "category": "News"})
    assert again.status == 409
    assert "already in" in words_of(again)


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"url": "nonsense", "category": "News"}, 422, "is not a web address"),
        ({"url": "https://a.example.org/f", "category": " "}, 422, "category: must not be empty"),
        (
            {"url": "https://a.example.org/f", "category": "News", "section": "daily"},
            422,
            "newsletter 'daily' does not exist",
        ),
    ],
)
def test_a_feed_that_cannot_be_added_changes_nothing(
    office: Office, fields: dict[str, str], status: int, reason: str
) -> None:
    before = office.config.read_text()
    answer = office.forms.post("/feeds/add", fields)
    assert answer.status == status
    assert reason in words_of(answer)
    assert office.config.read_text() == before


def test_a_list_of_feeds_is_shown_before_it_is_added_and_exported_again(office: Office) -> None:
    opml = (
        b'<opml version="2.0"><body><outline text="Art"><outline type="rss"'
        b' xmlUrl="https://art.example.org/f" text="Art &lt;i&gt;"/></outline></body></opml>'
    )
    shown = office.forms.upload("/feeds/import", "mine.opml", opml, {"category": ""})
    assert "1 to add, 0 already configured" in words_of(shown)
    assert office.feed_urls() == ["https://hill.example.org/feed"]
    assert office.forms.post("/feeds/import/add", as_shown(shown)).status == 303
    config = tomllib.loads(office.config.read_text())
    assert config["feeds"][-1]["category"] == "Art"
    assert config["newsletters"][0]["categories"][-1] == "Art"
    exported = office.site.ask("/feeds/export")
    assert 'xmlUrl="https://art.example.org/f"' in exported.text
    assert "attachment" in exported.headers["content-disposition"]
    broken = office.forms.upload("/feeds/import", "mine.opml", b"no list", {"category": ""})
    assert broken.status == 422


def test_a_list_of_twelve_hundred_feeds_is_added(office: Office) -> None:
    feeds = "".join(
        f'<outline type="rss" xmlUrl="https://a{n}.example.org/feed" text="A"/>'
        for n in range(1_200)
    )
    opml = f'<opml version="2.0"><body>{feeds}</body></opml>'.encode()
    shown = office.forms.upload("/feeds/import", "mine.opml", opml, {"category": "News"})
    assert "1200 to add" in words_of(shown)
    assert office.forms.post("/feeds/import/add", as_shown(shown)).status == 303
    assert len(office.feed_urls()) == 1_201


@pytest.mark.parametrize("packed", ["", "[[]]", '["https://a.example.org/f"]', '[["nonsense"]]'])
def test_a_list_that_no_page_has_made_is_refused(office: Office, packed: str) -> None:
    before = office.config.read_text()
    assert office.forms.post("/feeds/import/add", {"feeds": packed}).status == 422
    assert office.config.read_text() == before


def as_shown(page: Answer) -> dict[str, str | list[str]]:
    """Return the form that adds the feeds of a page."""
    packed = re.search(r'name="feeds" value="([^"]*)"', page.text)
    assert packed is not None
    return {"feeds": unescape(packed[1]), "section": "weekly"}


# --- people ---------------------------------------------------------------------------------------


def test_people_are_found_in_pages(office: Office) -> None:
    newest = office.site.ask("/subscribers")
    place = newest.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert office.site.ask(place).text.count('data-label="Address"') == 10
    assert office.site.ask("/subscribers?state=gone").status == 404
    assert office.site.ask("/subscribers?after=x").status == 404


def test_people_are_searched_by_forms_so_that_no_url_has_an_address(office: Office) -> None:
    first = office.forms.post("/subscribers/find", {"q": "subscriber"})
    assert first.text.count('data-label="Address"') == 50
    assert "subscriber" not in " ".join(
        re.findall(r'(?:href|action)="([^"]*)"', first.text)
    ).replace("/subscribers", "")
    after = re.search(r'name="after" value="([^"]+)"', first.text)
    assert after is not None
    rest = office.forms.post("/subscribers/find", {"q": "subscriber", "after": after[1]})
    assert rest.text.count('data-label="Address"') == 10
    assert "First page" in rest.text
    assert "begins with “<b>”" in searched(office, "<b>")
    again = office.site.ask("/subscribers/find")
    assert (again.status, again.headers["location"]) == (303, "/subscribers")
    old = office.words("/subscribers?q=subscriber59")
    assert "Newest first" in old


def searched(office: Office, text: str) -> str:
    """Return the words of the page that a search shows."""
    return words_of(office.forms.post("/subscribers/find", {"q": text}))


def test_one_person_is_changed_suppressed_and_erased(office: Office) -> None:
    forms = office.forms
    assert forms.post("/subscribers/7", {"name": "Ann <i>", "field:plan": "pro"}).status == 303
    chosen: dict[str, str | list[str]] = {
        "newsletter": "weekly",
        "sections": "some",
        "category": ["News"],
        "paused_until": "2040-01-01",
    }
    assert forms.post("/subscribers/7/choices", chosen).status == 303
    page = office.site.ask("/subscribers/7")
    assert "Ann &lt;i&gt;" in page.text
    assert 'value="2040-01-01"' in page.text
    refused = forms.post("/subscribers/7", {"name": "Ann", "field:plan": "gold"})
    assert refused.status == 422
    assert forms.post("/subscribers/7/suppress", {"reason": "complained"}).status == 303
    assert "This address is not mailed: complained" in office.words("/subscribers/7")
    assert "subscriber6@example.net" in office.words("/subscribers?state=suppressed")
    assert forms.post("/subscribers/7/unsuppress").status == 303
    assert forms.post("/subscribers/7/leave", {"newsletter": "weekly"}).status == 303
    assert "Only the owner of the address can subscribe again." in office.words("/subscribers/7")
    data = json.loads(office.site.ask("/subscribers/7/export").text)
    assert data["address"] == "subscriber6@example.net"
    assert data["fields"] == {"plan": "pro"}
    assert forms.post("/subscribers/7/erase", {"address": "other@example.net"}).status == 422
    erased = forms.post("/subscribers/7/erase", {"address": "subscriber6@example.net"})
    assert erased.status == 303
    assert office.site.ask("/subscribers/7").status == 404


def test_an_added_address_is_asked_by_mail(office: Office) -> None:
    fields: dict[str, str | list[str]] = {"address": "zoe@example.net", "newsletter": "weekly"}
    assert office.forms.post("/subscribers/add", fields).status == 303
    assert "No subscriber's address begins with" in searched(office, "zoe@")
    known = office.forms.post("/subscribers/add", {"address": "subscriber1@example.net"})
    assert known.status == 409


def test_counts_are_shown_with_their_time_after_the_button(office: Office) -> None:
    assert "Not counted yet" in office.words("/subscribers")
    answer = office.forms.post("/counts", {"back": "/subscribers/fields"})
    assert answer.headers["location"] == "/subscribers/fields"
    words = office.words("/subscribers")
    assert "60 people" in words
    assert "60 may be mailed, 0 of them paused. Counted 20" in words
    away = office.forms.post("/counts", {"back": "//evil.example"})
    assert away.headers["location"] == "/subscribers"


def test_who_presses_again_within_a_minute_gets_the_counts_that_there_are(office: Office) -> None:
    def counts() -> int:
        with office.desk.app.database.read() as connection:
            return connection.execute(
                select(func.count()).select_from(audit).where(audit.c.action == "count subscribers")
            ).scalar_one()

    for _ in range(3):
        assert office.forms.post("/counts", {"back": "/subscribers"}).status == 303
    assert counts() == 1
    with office.desk.app.database.take_turn("count subscribers"):
        with office.desk.app.database.write() as connection:
            connection.execute(delete(stored_counts))
        assert office.forms.post("/counts", {"back": "/subscribers"}).status == 303
    assert counts() == 1
    assert office.forms.post("/counts", {"back": "/subscribers"}).status == 303
    assert counts() == 2


# --- imports --------------------------------------------------------------------------------------


def upload(office: Office, content: bytes, **fields: str) -> Answer:
    given = {"newsletter": "weekly", "consent": "the form of 2025", **fields}
    return office.forms.upload("/subscribers/import", "people.csv", content, given)


def test_a_file_is_checked_then_imported_and_each_step_is_shown(office: Office) -> None:
    answer = upload(office, b"email,name\nann@example.net,Ann\nbad,<script>\n")
    assert answer.status == 303
    path = answer.headers["location"]
    checked = wait_for(office, path, "This is what would happen.")
    assert "added 1" in checked
    assert "An email address must have an @-sign" in checked
    assert "No subscriber's address begins with" in searched(office, "ann@")
    assert office.forms.post(f"{path}/start").status == 303
    assert "added 1" in wait_for(office, path, "Imported.")
    assert "ann@example.net" in searched(office, "ann@")
    assert office.forms.post(f"{path}/discard").status == 303
    assert office.site.ask(path).status == 404


def test_an_import_needs_words_of_consent_and_keeps_what_was_typed(office: Office) -> None:
    answer = upload(office, b"email\nann@example.net\n", consent=" ", source="fair")
    assert answer.status == 422
    assert "consent: say what these people agreed to" in words_of(answer)
    assert 'value="fair"' in answer.text


def test_a_column_that_is_not_certain_is_named_and_can_be_explained(office: Office) -> None:
    content = b"email,Opt\nann@example.net,no\nben@example.net,yes\n"
    first = upload(office, content, columns="Opt=left")
    wait_for(office, first.headers["location"], "of these, by the file: left 1")
    bad = upload(office, content, columns="Opt")
    assert bad.status == 422
    assert "must be HEADING=NAME" in words_of(bad)


def test_a_larger_body_is_accepted_for_an_upload_only(office: Office) -> None:
    notes = b"x" * 1_000
    rows = b"email,notes\n" + b"".join(b"p%d@example.net,%s\n" % (n, notes) for n in range(300))
    assert len(rows) > 256 * 1024
    path = upload(office, rows).headers["location"]
    wait_for(office, path, "added 300")
    assert office.forms.post("/subscribers/add", {"address": "x" * 300_000}).status == 413


# --- settings -------------------------------------------------------------------------------------


def test_settings_are_shown_with_their_origin_and_without_secrets(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_SMTP__USERNAME", "ann")
    monkeypatch.setenv("DIGEST_SMTP__PASSWORD", "hunter2 and more")
    office.desk.project.change_config(
        "[database]",
        '[alerts]\nwebhook = "https://hooks.example.org/T0/secret-path"\n[database]',
    )
    with serving(create_desk(desk_door(office.desk.app), DESK)) as site:
        answer = site.ask("/settings")
    words = words_of(answer)
    assert "password set (not shown) environment" in words
    assert "username ann environment" in words
    assert "name The Hill Paper file" in words
    assert "tick_s 30 default" in words
    assert "webhook hooks.example.org set (not shown) file" in words
    for secret in ("hunter2", "a key that is long enough", "secret-path"):
        assert secret not in answer.text


def test_a_file_that_changed_or_broke_is_reported_on_the_settings(office: Office) -> None:
    office.desk.project.change_config("connections = 2", "connections = 3")
    assert "The file has changed since these settings were read." in office.words("/settings")
    office.desk.project.change_config("connections = 3", "connections = 0")
    assert "The file cannot be used now" in office.words("/settings")
