"""The pages of held comments and excluded people, with a real database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from digest.models import Actor, CommentKind, ParsedComment, SourceKind
from digest.readers.responses.merge import changes_of
from digest.store import comment_sources, comments
from digest.web.desk.app import create_desk
from digest.web.desk.door import DeskDoor
from digest.web.routes import DESK
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, overflow
from tests.support.desk_work import NOW, Desk
from tests.support.web_doors import desk_pages
from tests.support.web_server import Answer, Site, serving

_FORM = {"content-type": "application/x-www-form-urlencoded"}
SHOUTED = (
    "THE BRIDGE {} WAS CLOSED FOR ELEVEN WEEKS AND NOBODY IN THE COUNCIL ASKED THE FERRY COMPANY"
    " WHAT IT MEANT FOR THE MEN WHO WORK THERE."
)
ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a post with 60 shouted comments by Bob 1 to Bob 60."""
    work = Desk.open(tmp_path)
    work.add_post(f"A bridge is mended {ATTACK}")
    listed = [
        ParsedComment(
            external_id=str(number),
            parent_id="",
            author=f"Bob {'abcdef'[number % 6]} {ATTACK if number == 1 else ''}{number}",
            posted_at=NOW,
            text=SHOUTED.format(f"{ATTACK if number == 1 else ''}{number}"),
            kind=CommentKind.COMMENT,
            url="javascript:alert(1)" if number == 1 else "https://hill.example.org/c",
        )
        for number in range(1, 61)
    ]
    with work.app.database.write() as connection:
        source = comment_sources.open_source(connection, 1, SourceKind.FEED, "https://hill.example")
        changes = changes_of(source, listed, (), is_complete=True)
        comments.save_changes(connection, source, changes, now=NOW)
    return work


@pytest.fixture
def site(work: Desk) -> Iterator[Site]:
    door = DeskDoor(
        newsroom=work.app.newsroom,
        pages=desk_pages(),
        key="k" * 32,
        operator=Actor(name="operator"),
    )
    with serving(create_desk(door, DESK)) as site:
        yield site


def post(site: Site, path: str, **fields: str) -> Answer:
    page = site.ask("/comments/people").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    return site.ask(path, "POST", urlencode({"csrf": token[1], **fields}).encode(), _FORM)


def ids(page: Answer) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="comment-(\d+)">', page.text)]


def test_the_list_is_paged_by_key_and_shows_every_comment_once(site: Site) -> None:
    first = site.ask("/comments")
    assert (first.status, len(ids(first))) == (200, 50)
    link = re.search(r'href="(/comments\?[^"]+)" rel="next"', first.text)
    assert link is not None
    second = site.ask(link[1].replace("&amp;", "&"))
    assert sorted([*ids(first), *ids(second)]) == list(range(2, 61))
    assert 'rel="next"' not in second.text


def test_a_decision_comes_back_to_the_same_page_and_is_told(site: Site) -> None:
    answer = post(
        site,
        "/comments/decide",
        comment="2",
        decision="release",
        at_newsletter="weekly",
        at_all="1",
    )
    assert (answer.status, answer.headers["location"]) == (303, "/comments?newsletter=weekly&all=1")
    assert 2 not in ids(site.ask("/comments"))
    shown = site.ask("/comments?all=1").text
    assert '<span class="state borderline">released</span>' in shown
    post(site, "/comments/decide", comment="2", decision="reset")
    assert 2 in ids(site.ask("/comments"))


def test_a_person_is_excluded_and_quoted_again(site: Site, work: Desk) -> None:
    name = "Bob c 2"
    assert f'name="name" value="{name}"' in site.ask("/comments").text
    assert post(site, "/comments/never-quote", name=name, at_newsletter="weekly").status == 303
    assert 2 not in ids(site.ask("/comments"))
    assert name in site.ask("/comments/people").text
    done = post(site, "/comments/quote-again", name=name)
    assert done.headers["location"] == "/comments/people"
    assert 2 in ids(site.ask("/comments"))


def test_words_of_feeds_are_escaped_and_their_scripts_are_no_links(site: Site) -> None:
    post(site, "/comments/decide", comment="1", decision="refuse")
    shown = site.ask("/comments?all=1")
    assert 1 in ids(shown)
    page = shown.text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/comments/decide", {"comment": "99", "decision": "release"}, 422),
        ("/comments/decide", {"comment": "x", "decision": "release"}, 422),
        ("/comments/decide", {"comment": "1", "decision": "burn"}, 422),
        ("/comments/never-quote", {"name": "anonymous"}, 422),
        ("/comments/never-quote", {"name": "Ann", "newsletter": "none"}, 422),
        ("/comments/quote-again", {"name": "Ann"}, 422),
    ],
)
def test_wrong_forms_are_answered_by_a_page_with_the_problem(
    site: Site, path: str, fields: dict[str, str], status: int
) -> None:
    answer = post(site, path, **fields)
    assert 400 <= answer.status < 500
    assert answer.status != 403


@pytest.mark.parametrize("query", ["after=x", "after=1-9999999999999", "newsletter=none"])
def test_wrong_addresses_are_answered_by_a_page_with_the_problem(site: Site, query: str) -> None:
    assert 400 <= site.ask(f"/comments?{query}").status < 500


# --- in a real browser --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_serious_barrier_and_fit_a_phone(
    site: Site, browser: Browser, scheme: Scheme
) -> None:
    post(site, "/comments/decide", comment="2", decision="release")
    post(site, "/comments/never-quote", name="Bob d 3")
    context = browser.new_context(viewport={"width": 360, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ("/comments?all=1", "/comments/people"):
        page.goto(f"{site.url}{path}")
        assert barriers(page) == []
        assert overflow(page) <= 0
    context.close()


def test_a_comment_is_released_by_keys_alone(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(f"{site.url}/comments")
    page.focus("#comment-2 summary, #comment-2 button")
    while page.evaluate("document.activeElement.value") != "release":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash")
    assert page.inner_text(".flash") == "Released: comment 2."
    assert page.locator("#comment-2").count() == 0
    context.close()
