"""Leaving, staying and coming back in a real browser: phone size, without scripts, no barriers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.models import Masthead
from digest.newsroom.self_service.facts import CadenceFacts
from digest.newsroom.self_service.returning import Leavers
from digest.scheduler.slots import parse_schedule
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.preferences import State
from subscribers.tokens import Purpose
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, follow, overflow
from tests.support.figures import combined
from tests.support.web_doors import NOW, PeopleStore, people_store, public_door, public_pages
from tests.support.web_server import Site, serving

LANGUAGES = ("en", "ar")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


@pytest.fixture(params=LANGUAGES)
def site(request: pytest.FixtureRequest, store: PeopleStore) -> Iterator[Site]:
    known = store.facts["weekly"]
    cadences = {
        **known.cadences,
        "monthly": CadenceFacts(schedule=parse_schedule("1st Mon 07:00")),
    }
    masthead = Masthead(title="Lantern", home_url="https://lantern.example.org")
    facts = {"weekly": replace(known, cadences=cadences, language=request.param, masthead=masthead)}
    leavers = Leavers(lambda: store.database, store.journal, facts, lambda: NOW)
    door = replace(public_door(store), leavers=leavers, pages=public_pages(facts))
    with serving(create_public(door, PUBLIC)) as site:
        yield site


def walk(page: Page, site: Site, store: PeopleStore) -> Iterator[str]:
    """Do everything that the page to leave offers; yield the name of each page."""
    page.goto(f"{site.url}/u/{store.token(Purpose.LEAVE)}")
    yield "leave"
    follow(page, "button[value=pause-4-weeks]")
    assert store.subscription().preferences.paused_until is not None
    yield "paused"
    follow(page, "button[value=resume]")
    assert store.subscription().preferences.paused_until is None
    follow(page, "button[value=rarer]")
    assert store.subscription().preferences.cadence == "monthly"
    yield "rarer"
    follow(page, "button[name=how]")
    assert store.subscription().state is State.LEFT
    yield "left"
    page.check("input[value=too-often]")
    page.fill("textarea", "Every day was too much")
    follow(page, "form:has(textarea) button")
    assert store.subscription().left_reason == "too-often: Every day was too much"
    yield "explained"
    follow(page, "button[value=return]")
    assert store.subscription().state is State.CONFIRMED
    yield "back"
    follow(page, "footer a[href$='/unsubscribe']")
    yield "typed"
    page.fill("#address", "ann@heritage.org")
    follow(page, "main button")
    yield "mailed"
    page.goto(f"{site.url}/u/x")
    follow(page, "main a[href$='/unsubscribe']")
    page.goto(f"{site.url}/u/{store.token(Purpose.LEAVE)}")
    follow(page, "button[value=all]")
    assert store.subscription("monthly").state is State.LEFT
    yield "all"


@pytest.mark.parametrize(
    ("scheme", "site"), combined(("light", "dark"), LANGUAGES), indirect=["site"]
)
def test_the_whole_way_has_no_barrier_and_fits_a_phone(
    browser: Browser, site: Site, store: PeopleStore, scheme: Scheme
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for name in walk(page, site, store):
        assert barriers(page) == [], name
        assert overflow(page) <= 0, name
        low = "button, main a, .choice, input:not([type=hidden]):not([type=radio])"
        for box in page.locator(low).all():
            found = box.bounding_box()
            assert found is not None
            assert found["height"] >= 44, name
    # The unknown link of the walk is a 404, as it must be.
    assert [words for words in said if "404" not in words] == []
    context.close()


def test_the_whole_way_works_without_scripts(
    browser: Browser, site: Site, store: PeopleStore
) -> None:
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, java_script_enabled=False
    )
    assert list(walk(context.new_page(), site, store))[-1] == "all"
    context.close()
