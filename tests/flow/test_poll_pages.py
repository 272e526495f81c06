"""The page of a poll in a browser: every state, narrow and wide, light and dark, no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.newsroom.self_service.poll import PollPage
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.tokens import Purpose
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, follow, overflow
from tests.support.figures import IS_PROOF
from tests.support.polls import poll_page, polling_door
from tests.support.web_doors import PeopleStore, people_store
from tests.support.web_server import serving

#: The poll and the end of its link in each state of the page.
STATES = {
    "asked": (poll_page(), "/2"),
    "answered": (poll_page(own=1), ""),
    "another link": (poll_page(own=1), "/2"),
    "few answers": (poll_page(1, 1, own=1), ""),
    "ended": (poll_page(own=3, is_open=False), "/1"),
    "right to left": (poll_page(own=3, language="ar"), ""),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


def open_page(browser: Browser, width: int, scheme: Scheme, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
    )
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_fits_every_screen_and_has_no_serious_barrier(
    browser: Browser, store: PeopleStore, state: str, scheme: Scheme
) -> None:
    poll, end = STATES[state]
    with serving(create_public(polling_door(store, poll), PUBLIC)) as site:
        for width in (360, 1200):
            page = open_page(browser, width, scheme)
            problems: list[str] = []
            page.on("console", lambda message: problems.append(message.text))  # noqa: B023 - read below
            page.goto(f"{site.url}/q/{store.token(Purpose.VOTE)}{end}")
            assert overflow(page) <= 0
            assert small_targets(page) == []
            # Neither names nor colors depend on the width.
            if width == 360 or IS_PROOF:
                assert barriers(page) == []
            assert problems == []
            page.context.close()


def small_targets(page: Page) -> list[str]:
    """Return the visible controls that are lower than 44 pixels."""
    return list(
        page.evaluate(
            "[...document.querySelectorAll('button, label.choice, summary')]"
            ".filter(each => each.offsetParent && each.getBoundingClientRect().height < 44)"
            ".map(each => each.outerHTML)"
        )
    )


def test_a_subscriber_votes_and_sees_the_result_without_scripts(
    browser: Browser, store: PeopleStore
) -> None:
    page = open_page(browser, 360, "light", scripts=False)
    with serving(create_public(polling_door(store, poll_page()), PUBLIC)) as site:
        page.goto(f"{site.url}/q/{store.token(Purpose.VOTE)}/1")
        assert page.locator("input:checked").input_value() == "1"
        page.get_by_label("I disagree").check()
        follow(page, "button")
        assert page.get_by_role("status").inner_text() == "Thank you. Your answer is counted."
        own = page.locator(".results li", has=page.locator(".own"))
        assert "I disagree" in own.inner_text()
        page.click("summary")
        assert page.get_by_role("button", name="Change my answer").is_visible()
    page.context.close()


def test_a_bar_is_as_long_as_its_share(browser: Browser, store: PeopleStore) -> None:
    page = open_page(browser, 1200, "light")
    with serving(create_public(polling_door(store, shares(3, 1)), PUBLIC)) as site:
        page.goto(f"{site.url}/q/{store.token(Purpose.VOTE)}")
        bars = page.locator("progress").evaluate_all("bars => bars.map(bar => bar.position)")
    assert bars == [0.75, 0.25]
    page.context.close()


def shares(*counts: int) -> PollPage:
    return poll_page(*counts, own=1)
