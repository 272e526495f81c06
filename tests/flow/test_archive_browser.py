"""The archive in a browser: every screen, the way through it, and hostile words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from tests.support.arabic import arabic_edition
from tests.support.browser import Scheme, chromium, follow, overflow, picture
from tests.support.every_block import full_edition
from tests.support.figures import combined
from tests.support.past_editions import TWO_CADENCES, PastEditions
from tests.support.samples import sample_edition, sample_story
from tests.support.web_attacks import PAYLOADS
from tests.support.web_server import Site

LONG = "Donaudampfschifffahrtsgesellschaft" * 4
PATHS = ("/archive/weekly", "/archive/weekly?cadence=monthly", "/archive/weekly/3")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def open_page(
    browser: Browser,
    site: Site,
    *,
    width: int = 1000,
    scheme: Scheme = "light",
    scripts: bool = True,
) -> Page:
    """Open a page for which the public address is this server and pictures are files."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
    )

    def go_on(route: Route) -> None:
        url = route.request.url
        if url.endswith(".jpg"):
            route.fulfill(path=picture(url))
        elif url.startswith("http://127.0.0.1/"):
            route.fulfill(response=context.request.get(url.replace("http://127.0.0.1", site.url)))
        elif url.startswith(site.url):
            route.continue_()
        else:
            route.abort()

    context.route("**/*", go_on)
    return context.new_page()


@pytest.mark.parametrize(("width", "scheme"), combined((360, 1000), ("light", "dark")))
def test_the_archive_fits_every_screen(
    browser: Browser, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    past = PastEditions.open(tmp_path, schedule=TWO_CADENCES)
    past.publish(1, full_edition(title=LONG))
    past.publish(2, sample_edition(stories=(sample_story(1, title=LONG, excerpt=LONG),)))
    past.publish(3, arabic_edition())
    past.publish(4, full_edition(), cadence="monthly")
    with past.served() as site:
        page = open_page(browser, site, width=width, scheme=scheme)
        for path in (*PATHS, "/archive/weekly/1", "/archive/weekly/2"):
            page.goto(site.url + path)
            page.screenshot(path=tmp_path / "shown.png")
            assert overflow(page) <= 0, path
        page.context.close()


def test_a_visitor_reads_from_edition_to_edition_without_scripts(
    browser: Browser, tmp_path: Path
) -> None:
    past = PastEditions.open(tmp_path)
    for number in (1, 2, 3):
        past.publish(number, full_edition())
    with past.served() as site:
        page = open_page(browser, site, width=360, scripts=False)
        troubles: list[str] = []
        page.on("console", lambda message: troubles.append(message.text))
        page.goto(f"{site.url}/archive/weekly")
        follow(page, ".editions a >> nth=0")
        assert page.url == "http://127.0.0.1/archive/weekly/3"
        follow(page, "header a[rel=prev]")
        follow(page, "footer a[rel=prev]")
        assert page.url == "http://127.0.0.1/archive/weekly/1"
        assert page.locator("a[rel=prev]").count() == 0
        assert page.locator("img.hero").evaluate("image => image.naturalWidth") > 0
        follow(page, "text=Past editions")
        assert page.url == "http://127.0.0.1/archive/weekly"
        assert page.locator(".cover").first.evaluate("image => image.naturalWidth") > 0
        for link in page.locator("main a, footer a").all():
            size = link.bounding_box()
            assert size is not None
            assert size["height"] >= 30
        # The browser names each attempt of this test to look into the sandbox.
        assert [each for each in troubles if not each.startswith("Blocked script execution")] == []
        page.context.close()


def test_hostile_words_run_nothing_even_without_the_policy(
    browser: Browser, tmp_path: Path
) -> None:
    past = PastEditions.open(tmp_path)
    stories = tuple(
        sample_story(number, title=words, excerpt=words, author=words)
        for number, words in enumerate(PAYLOADS, 1)
    )
    past.publish(1, sample_edition(stories=stories, max_posts_per_category=25))
    for number, words in enumerate(PAYLOADS[:19], 2):
        past.publish(number, sample_edition(stories=(sample_story(1, title=words),)))
    with past.served() as site:
        page = open_page(browser, site)
        alerts: list[str] = []

        def note(dialog: Dialog) -> None:
            alerts.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", note)
        page.set_content("<script>alert('heard')</script>")
        for path in ("/archive/weekly", "/archive/weekly/1", "/archive/weekly/2"):
            page.set_content(site.ask(path).text, wait_until="load")
        assert alerts == ["heard"]
        page.context.close()
