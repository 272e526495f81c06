"""The pages of feeds, people, imports and settings in a real browser: phone, dark, keyboard."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.models import Actor, UploadOptions
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import DESK
from tests.support.browser import Scheme, chromium, overflow
from tests.support.desk_work import Desk
from tests.support.web_server import Site, serving

pytestmark = pytest.mark.long

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
PAGES = (
    "/feeds",
    "/feeds/add",
    "/subscribers",
    "/subscribers/5",
    "/subscribers/fields",
    "/subscribers/add",
    "/subscribers/import",
    "/settings",
    "/settings/tokens",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    desk = Desk.open(tmp_path_factory.mktemp("desk"))
    desk.add_subscribers(60)
    desk.add_post("A bridge over the river is mended")
    by = Actor(name="olga")
    desk.app.newsroom.people.suppress("subscriber4@example.net", by=by)
    desk.app.newsroom.count_again(by=by)
    with serving(create_desk(desk_door(desk.app), DESK)) as site:
        yield site


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_has_no_barrier(
    browser: Browser, site: Site, scheme: Scheme
) -> None:
    window = {"width": 360, "height": 800}
    context = browser.new_context(viewport=window, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]  # a size is a dictionary
    page = context.new_page()
    found = []
    feed = re.search(r"/feeds/[0-9a-f]{16}", site.ask("/feeds").text)
    assert feed is not None
    for path in (*PAGES, feed[0]):
        page.goto(f"{site.url}{path}")
        page.evaluate(AXE.read_text("utf-8"))
        rules = page.evaluate("axe.run().then(r => r.violations.map(v => v.id))")
        # A caption or a word that is squeezed breaks after each letter.
        squeezed = page.evaluate(
            "[...document.querySelectorAll('caption, .menu a, dd')].filter("
            "e => e.offsetWidth && e.offsetWidth < 24 && e.innerText.length > 3).length"
        )
        if rules or squeezed or overflow(page) > 0:
            found.append((path, rules, squeezed, overflow(page)))
    context.close()
    assert found == []


def test_a_person_is_found_and_renamed_by_keyboard_alone(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/subscribers")
    tab_to(page, "#q")
    page.keyboard.type("subscriber3@")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscribers/find")
    tab_to(page, "a[href='/subscribers/4']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscribers/4")
    tab_to(page, "#name")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash")
    assert page.input_value("#name") == "By keyboard"
    context.close()


def test_an_import_is_watched_on_when_the_server_answers_again(
    browser: Browser, tmp_path: Path
) -> None:
    desk = Desk.open(tmp_path)
    people, by = desk.app.newsroom.people, Actor(name="olga")
    options = UploadOptions(consent="paper form", seen="now")
    people_file = io.BytesIO(b"email\nann@example.org\n")
    token = people.receive_upload(people_file, "people.csv", "", options, by=by)
    with serving(create_desk(desk_door(desk.app), DESK)) as site:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site.url}/subscribers/import/{token}")
        page.wait_for_selector("h2:text('Checking')")
        context.set_offline(True)
        page.wait_for_selector("[role=alert]:has-text('does not answer')")
        context.set_offline(False)
        people.run_upload(token)
        page.wait_for_selector("text=This is what would happen", timeout=60_000)
        assert page.locator("[role=alert]").count() == 0
        context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")
