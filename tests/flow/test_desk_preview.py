"""The pages that preview an edition and approve it, over HTTP and in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, event

from digest.models import EditionState
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, follow, overflow
from tests.support.desk_site import desk_of, fill, post
from tests.support.desk_work import NOW, Desk
from tests.support.figures import combined
from tests.support.web_server import Site, serving

_TABS = ("html", "text", "source", "headers", "links", "size", "findings", "why")
_PAGES = (*(f"/editions/1/preview?tab={tab}" for tab in _TABS), "/editions/1/approve", "/weeks")
_PREVIEW = "/editions/1/preview"
_APPROVE = "/editions/1/approve"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a reviewed newsletter with the sample's edition as its draft."""
    work = Desk.open(tmp_path, review="required")
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.add_subscribers(1, first=3, text_size="large", language="de")
    work.compose()
    fill(work)
    return work


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with serving(desk_of(desk)) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """Record the statements of every engine until the block ends."""
    counted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def frames_of(text: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<iframe [^>]*src="([^"]+)"', text)]


# --- the preview ----------------------------------------------------------------------------------


def test_three_screens_are_side_by_side_in_frames_that_can_do_nothing(site: Site) -> None:
    page = site.ask(_PREVIEW).text
    for words in ("Desktop 640, light", "Phone 360, light", "Phone 360, dark"):
        assert words in page
    assert page.count('sandbox="allow-popups allow-popups-to-escape-sandbox"') == 3
    for address in frames_of(page):
        frame = site.ask(address)
        policy = frame.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
        assert "frame-ancestors 'self'" in policy
        assert frame.headers["referrer-policy"] == "no-referrer"
        assert "The ferry towns" in frame.text
        assert "/u/sample" not in frame.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("no_images=1", 'src="data:,"'),
        ("zoom=1", "zoom:1.5"),
        ("rtl=1", 'dir="rtl"'),
        ("dark=all", "color-scheme:dark"),
        ("dark=all-forced", "background-color:#1a1a1a"),
        ("larger=1", "font:22.1px"),
    ],
)
def test_each_toggle_is_rewritten_on_the_server(site: Site, query: str, words: str) -> None:
    page = site.ask(f"{_PREVIEW}?{query}").text
    address = frames_of(page)[0]
    assert words in site.ask(address).text
    assert words not in site.ask(f"{_PREVIEW}/mail").text


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("text", '<span class="at78">78</span>'),
        ("source", "&lt;!DOCTYPE html&gt;"),
        ("headers", 'class="marked"><dt>List-Unsubscribe '),
        ("headers", "Content-Transfer-Encoding: quoted-printable"),
        ("links", "Unsubscribe (personal)"),
        ("size", "Post: Who guards the water meter?"),
        ("findings", "Left out by the checks"),
        ("why", "In this edition"),
    ],
)
def test_every_side_of_the_mail_is_shown(site: Site, tab: str, words: str) -> None:
    answer = site.ask(f"{_PREVIEW}?tab={tab}")
    assert answer.status == 200
    if tab == "findings":
        words = "every check of this mail is passed"
    assert words in answer.text


def test_a_subscriber_is_found_without_the_address_in_any_address(site: Site) -> None:
    found = post(site, _PREVIEW, f"{_PREVIEW}/find", address="subscriber3@example.net")
    assert found.status == 303
    assert "example.net" not in found.headers["location"]
    page = site.ask(found.headers["location"]).text
    assert "subscriber3@example.net" in page
    assert "und 7 weitere" in page
    missing = post(site, _PREVIEW, f"{_PREVIEW}/find", address="nobody@example.net")
    assert missing.status == 422
    assert "no subscriber has this address" in missing.text
    assert 'value="nobody@example.net"' in missing.text


def test_the_message_is_saved_as_it_is_sent(site: Site) -> None:
    saved = site.ask(f"{_PREVIEW}/message.eml?who=large")
    assert saved.headers["content-type"].startswith("message/rfc822")
    assert "attachment" in saved.headers["content-disposition"]
    assert b"List-Unsubscribe: <https://hill.example.org/u/sample>" in saved.body


@pytest.mark.parametrize(
    "path",
    [
        "/editions/9/preview",
        f"{_PREVIEW}?tab=other",
        f"{_PREVIEW}?dark=other",
        f"{_PREVIEW}?who=nobody",
        f"{_PREVIEW}?who={'x' * 99}",
        f"{_PREVIEW}/mail?screen=tv",
        f"{_PREVIEW}?at=-1",
        "/weeks/other/2026-W40",
        "/weeks/weekly/2026-40",
        "/editions/9/approve",
    ],
)
def test_what_does_not_exist_is_answered_with_a_page(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert "</html>" in answer.text


def test_a_finding_jumps_to_its_place_in_the_mail(desk: Desk, site: Site) -> None:
    sample = fill(desk)
    story = sample.stories[1]
    too_long = "x" * 60

    stories = tuple(
        replace(each, excerpt=f"Look at {too_long} now. {each.excerpt}") if each is story else each
        for each in sample.stories
    )
    fill(desk, replace(sample, stories=stories))
    page = site.ask(f"{_PREVIEW}?tab=findings").text
    assert "Long words" in page
    number = re.search(r"at=(\d+)", page)
    assert number is not None
    shown = site.ask(f"{_PREVIEW}?at={number[1]}").text
    assert all(each.endswith("#here") for each in frames_of(shown))
    assert 'id="here"' in site.ask(frames_of(shown)[0].partition("#")[0]).text


def test_a_past_week_without_an_edition_is_composed_again(desk: Desk, site: Site) -> None:
    week = f"{NOW:%G-W%V}"
    if desk.edition().local_at[:10] <= f"{NOW:%Y-%m-%d}":
        pytest.skip("this week has the edition")
    gone = site.ask(f"/weeks?newsletter=weekly&week={week}")
    assert gone.status == 303
    assert site.ask(f"/weeks/weekly/{week}").status == 200
    assert "A bridge is mended" in site.ask(f"/weeks/weekly/{week}/mail").text
    page = f"/weeks/weekly/{week}"
    found = post(site, page, f"{page}/find", address="subscriber3@example.net")
    assert "subscriber3@example.net" in site.ask(found.headers["location"]).text
    assert post(site, page, f"{page}/find", address="nobody").status == 422
    assert site.ask("/weeks?newsletter=weekly&week=2001-W01").status == 303
    assert site.ask("/weeks/weekly/2001-W01").status == 409


def test_no_page_needs_many_statements(desk: Desk, site: Site) -> None:
    for path in _PAGES:
        with count_statements() as counted:
            site.ask(path)
        assert len(counted) <= 25, path


# --- the approval ---------------------------------------------------------------------------------


def test_an_edition_is_checked_approved_and_taken_back(desk: Desk, site: Site) -> None:
    assert "Check it first" in site.ask(_APPROVE).text
    assert post(site, _APPROVE, f"{_APPROVE}/check").status == 303
    page = site.ask(_APPROVE).text
    for words in ("<strong>4 subscribers</strong>", "By domain", "example.net", "2 variants"):
        assert words in page
    shown = re.search(r'name="hash" value="([0-9a-f]{64})"', page)
    assert shown is not None
    wrong = post(site, _APPROVE, _APPROVE, hash=shown[1], typed="5")
    assert wrong.status == 422
    assert "nothing was approved" in wrong.text
    assert desk.edition().state is EditionState.DRAFT
    assert post(site, _APPROVE, _APPROVE, hash=shown[1], typed="4").status == 303
    assert desk.edition().approved_hash == shown[1]
    assert "Approved by operator" in site.ask(_APPROVE).text
    assert post(site, _APPROVE, f"{_APPROVE}/withdraw").status == 303
    assert desk.edition().state is EditionState.DRAFT


def test_the_page_refuses_what_changed_since_it_was_shown(desk: Desk, site: Site) -> None:
    post(site, _APPROVE, f"{_APPROVE}/check")
    shown = re.search(r'name="hash" value="([0-9a-f]{64})"', site.ask(_APPROVE).text)
    assert shown is not None
    assert desk.run("compose", "--subject", "Another subject").code == 0
    refused = post(site, _APPROVE, _APPROVE, hash=shown[1], typed="4")
    assert refused.status == 409
    assert "changed since you looked at it" in refused.text
    assert "Check it again" in refused.text
    assert desk.edition().state is EditionState.DRAFT


def test_a_void_approval_is_said_with_who_gave_it(desk: Desk, site: Site) -> None:
    assert desk.run("approve").code == 0
    assert desk.run("compose", "--subject", "Another subject").code == 0
    page = site.ask(_APPROVE).text
    assert "The approval is void, because its content changed." in page
    assert "Changes since the approval" in page
    assert "Another subject" in page


def test_an_approved_edition_is_cancelled_from_its_page(desk: Desk, site: Site) -> None:
    assert desk.run("approve").code == 0
    assert post(site, _APPROVE, f"{_APPROVE}/cancel").status == 303
    assert desk.edition().state is EditionState.CANCELLED
    assert "nothing left to approve" in site.ask(_APPROVE).text


# --- in a browser ---------------------------------------------------------------------------------


def open_page(browser: Browser, width: int, scheme: Scheme, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    context.route("https://**/*", lambda route: route.abort())
    return context.new_page()


@pytest.mark.parametrize(("width", "scheme"), combined([360, 1440], ("light", "dark")))
def test_the_pages_fit_every_screen_without_a_serious_barrier(
    browser: Browser, site: Site, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    post(site, _APPROVE, f"{_APPROVE}/check")
    page = open_page(browser, width, scheme)
    for number, path in enumerate(_PAGES):
        page.goto(site.url + path)
        page.screenshot(path=tmp_path / f"{number}-{width}-{scheme}.png", full_page=True)
        assert overflow(page) <= 0, path
        assert barriers(page) == [], path
    page.context.close()


def test_the_screens_have_their_widths_and_colours(browser: Browser, site: Site) -> None:
    page = open_page(browser, 1440, "light")
    page.goto(f"{site.url}{_PREVIEW}")
    paper = "getComputedStyle(document.querySelector('.paper')).backgroundColor"
    found = [(each.evaluate("innerWidth"), each.evaluate(paper)) for each in page.frames[1:]]
    white, dark = "rgb(255, 255, 255)", "rgb(28, 27, 25)"
    assert found == [(640, white), (360, white), (360, dark)]
    page.context.close()


def test_an_editor_approves_with_the_keyboard_and_without_scripts(
    browser: Browser, desk: Desk, site: Site
) -> None:
    page = open_page(browser, 1000, "light", scripts=False)
    page.goto(f"{site.url}{_PREVIEW}")
    page.select_option("#who", "large")
    page.check("text=Pictures off")
    follow(page, ".toggles button")
    assert page.input_value("#who") == "large"
    assert page.is_checked("text=Pictures off")
    follow(page, "nav[aria-label='Pages of this edition'] >> text=Approve")
    with page.expect_navigation():
        page.focus("text=Check and count now")
        page.keyboard.press("Enter")
    page.focus("#typed")
    page.keyboard.type("4")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Approved by operator" in page.inner_text("main")
    assert desk.edition().state is EditionState.APPROVED
    page.context.close()
