"""Getting in and around the desk in a real browser: by keyboard, on a phone, without barriers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.app import App
from digest.models.admins import Role
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, follow, overflow
from tests.support.desk_visitor import PASSWORD, add_account, open_desk
from tests.support.desk_work import NOW, Desk
from tests.support.figures import combined
from tests.support.web_server import Site

pytestmark = [pytest.mark.long, pytest.mark.proof]

PATHS = ("/", "/editions", "/plan", "/editions/1/history", "/editions/99")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a desk with a draft that waits, and the account `anna`."""
    work = Desk.open(Path(tmp_path_factory.mktemp("desk")), review="required")
    work.add_post("A bridge is mended")
    work.add_subscribers(2)
    work.compose()
    app = App(work.app.config, clock=lambda: NOW)
    add_account(app, "anna", Role.APPROVER)
    with open_desk(app) as site:
        yield site


def open_page(browser: Browser, *, width: int = 1100, scheme: Scheme = "light") -> Page:
    return browser.new_context(
        viewport={"width": width, "height": 850},
        color_scheme=scheme,
        timezone_id="Pacific/Auckland",
        # A color between two others would be judged in the middle of its change.
        reduced_motion="reduce",
    ).new_page()


def type_in(page: Page, first: str, *texts: str) -> None:
    """Type into a field as soon as the page has given it the focus, and into those after it."""
    page.wait_for_selector(f"{first}:focus")
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Tab")


def sign_in(page: Page, site: Site, path: str = "/") -> None:
    page.goto(site.url + path)
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    follow(page, "button")
    assert page.locator(".menu").count() == 1, page.inner_text("main")


def test_an_admin_gets_in_around_and_out_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page = open_page(browser)
    page.goto(f"{site.url}/editions")
    type_in(page, "#name", "anna", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    type_in(page, "#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text('Editions')")
    assert page.url == f"{site.url}/editions"
    page.wait_for_selector("#main:focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tabs")
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(20):
        if page.evaluate("document.activeElement.textContent") == "Sign out":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text('Sign in')")
    page.goto(f"{site.url}/editions")
    assert page.url.startswith(f"{site.url}/sign-in")
    page.context.close()


def test_a_time_is_shown_in_the_own_zone_too(browser: Browser, site: Site) -> None:
    page = open_page(browser)
    sign_in(page, site, "/editions")
    own = page.locator(".own-time").first.inner_text()
    assert own.endswith("for you")
    assert page.locator("time").first.inner_text().endswith("UTC")
    # Also on a page that came without a full load.
    page.click("text=Plan")
    page.wait_for_selector("h1:text('Plan')")
    assert page.locator(".own-time").count() > 0
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), combined((360, 1100), ("light", "dark")))
def test_no_page_has_a_barrier_or_is_too_wide(
    browser: Browser, site: Site, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    page = open_page(browser, width=width, scheme=scheme)
    page.goto(f"{site.url}/")
    assert barriers(page) == []
    assert overflow(page) <= 0
    sign_in(page, site)
    for number, path in enumerate(PATHS):
        page.goto(site.url + path)
        page.screenshot(path=tmp_path / f"desk-{number}-{width}-{scheme}.png")
        assert barriers(page) == [], path
        assert overflow(page) <= 0, path
    page.context.close()


def test_a_server_that_does_not_answer_is_told_and_what_was_typed_stays(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    page = open_page(browser, width=360)
    sign_in(page, site, "/editions/1/compose")
    page.fill("#subject", "Typed before the cable was pulled")
    page.context.set_offline(True)
    page.click("text=Save the lines")
    page.wait_for_selector("[role=alert]:has-text('not known whether this was done')")
    assert page.input_value("#subject") == "Typed before the cable was pulled"
    assert overflow(page) <= 0
    page.screenshot(path=tmp_path / "unanswered.png")
    page.click("text=Preview")
    page.wait_for_selector("[role=alert]:has-text('Try again in a moment'):not(:has-text('done'))")
    assert barriers(page) == []
    page.context.set_offline(False)
    gateway = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    page.route("**/*", lambda route: route.fulfill(status=502, body=gateway))
    page.click("text=Save the lines")
    page.wait_for_selector("[role=alert]:has-text('not known whether this was done')")
    assert page.input_value("#subject") == "Typed before the cable was pulled"
    page.unroute("**/*")
    page.click("text=Save the lines")
    page.wait_for_selector(".flash")
    assert page.locator("[role=alert]").count() == 0
    page.context.close()


def test_everything_works_without_scripts(browser: Browser, site: Site) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}/plan")
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    page.click("button")
    assert page.inner_text("h1") == "Plan"
    page.click("text=Sign out")
    assert page.inner_text("h1") == "Sign in"
    page.context.close()
