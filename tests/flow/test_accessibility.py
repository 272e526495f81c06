"""No barrier that axe-core calls serious, in mails and on pages, light and dark."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.letter.letter import render_web
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.models import Edition
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.tokens import Purpose
from tests.support.arabic import arabic_edition
from tests.support.browser import Scheme, chromium, follow, overflow, shown
from tests.support.composing_desk import desk_of, open_draft
from tests.support.every_block import full_edition, full_letter, full_variant
from tests.support.figures import IS_PROOF, combined
from tests.support.past_editions import TWO_CADENCES, PastEditions
from tests.support.samples import sample_personal, sample_renderer, sample_site
from tests.support.self_service import LOCAL, open_counter, path_in
from tests.support.web_doors import (
    PeopleStore,
    desk_showing,
    held_editions,
    people_store,
    public_door,
)
from tests.support.web_server import Site, serving

pytestmark = pytest.mark.long

VENDOR = Path(__file__).parents[1] / "vendor"
AXE = VENDOR / "axe.min.js"
#: A mail is shown inside a mail program's page, which has the landmarks.
_WAIVED_IN_MAIL = ("region", "landmark-one-main")
_SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
_SPOKEN = ["en", "de", "ar"] if IS_PROOF else ["en", "ar"]
_LANGUAGES = pytest.mark.parametrize("language", _SPOKEN)
#: Of pages with the same parts in each language, whose colors do not depend on it.
_SCHEMES_AND_LANGUAGES = pytest.mark.parametrize(
    ("scheme", "language"), combined(("light", "dark"), _SPOKEN)
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def barriers(page: Page, *, waived: tuple[str, ...] = ()) -> list[str]:
    """Return the serious and critical findings of axe-core, by rule and place."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {iframes: false, rules, resultTypes: ['violations']})",
        {rule: {"enabled": False} for rule in waived},
    )
    assert len(found["passes"]) > 5
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical") or violation["id"] in LANDMARKS
        for node in violation["nodes"]
    ]


#: "Moderate" for axe-core, but required of all our pages.
LANDMARKS = ("region", "landmark-one-main", "page-has-heading-one", "heading-order")


def edition_in(language: str) -> Edition:
    return arabic_edition() if language == "ar" else full_edition(language=language)


def test_the_rules_are_those_that_were_reviewed() -> None:
    stated = re.search(r"\| `([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text("utf-8"))
    assert stated is not None
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == stated[1]


@_LANGUAGES
@_SCHEMES
@pytest.mark.parametrize(("width", "text_size"), [(640, "normal"), (360, "large")])
def test_a_mail_with_every_block_has_no_serious_barrier(
    browser: Browser, width: int, text_size: str, scheme: Scheme, language: str
) -> None:
    letter = full_letter(edition_in(language), text_size=text_size)
    html = open_message(join(letter.pieces, sample_personal()).content).html
    with shown(browser, html, width=width, scheme=scheme) as page:
        assert barriers(page, waived=_WAIVED_IN_MAIL) == []


@_LANGUAGES
@_SCHEMES
def test_the_web_view_has_no_serious_barrier_and_its_landmarks(
    browser: Browser, scheme: Scheme, language: str
) -> None:
    edition = edition_in(language)
    html = render_web(edition, full_variant(edition), sample_site(), sample_renderer())
    with shown(browser, html, width=640, scheme=scheme) as page:
        assert barriers(page) == []


def test_a_barrier_would_be_found(browser: Browser) -> None:
    html = '<html lang="en"><title>x</title><main><h1>a</h1><img src="a.png"></main></html>' + (
        '<p style="color:#999;background:#fff">pale</p>'
    )
    with shown(browser, html, width=640) as page:
        found = {barrier.partition(":")[0] for barrier in barriers(page)}
    assert found == {"image-alt", "color-contrast", "region"}


# --- pages --------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


def open_pages(browser: Browser, scheme: Scheme) -> Page:
    context = browser.new_context(viewport={"width": 800, "height": 900}, color_scheme=scheme)
    context.route("https://**/*", lambda route: route.abort())
    return context.new_page()


@_SCHEMES
def test_the_subscribers_pages_have_no_serious_barrier(
    browser: Browser, store: PeopleStore, scheme: Scheme
) -> None:
    page = open_pages(browser, scheme)
    with serving(create_public(public_door(store), PUBLIC)) as site:
        leave = f"{site.url}/u/{store.token(Purpose.LEAVE)}"
        for url in (f"{site.url}/p/{store.token(Purpose.PREFERENCES)}", leave, f"{site.url}/u/x"):
            page.goto(url)
            assert barriers(page) == []
        page.goto(leave)
        follow(page, "button")
        assert page.inner_text("h1").startswith("You have left")
        assert barriers(page) == []
        page.goto(leave)
        assert barriers(page) == []
    page.context.close()


@_SCHEMES_AND_LANGUAGES
def test_the_archive_has_no_serious_barrier(
    browser: Browser, tmp_path: Path, scheme: Scheme, language: str
) -> None:
    past = PastEditions.open(tmp_path, f'language = "{language}"', schedule=TWO_CADENCES)
    for number in range(1, 24):
        cadence = "monthly" if number == 5 else "weekly"
        last = past.publish(number, edition_in(language), cadence=cadence)
    page = open_pages(browser, scheme)
    with past.served() as site:
        page.goto(f"{site.url}/archive/weekly")
        assert barriers(page) == []
        # In their sandbox, nothing could examine these pages.
        for path in ("/archive/weekly/22", past.view_path(last)):
            with shown(browser, site.ask(path).text, width=640, scheme=scheme) as letter:
                assert barriers(letter) == [], path
    page.context.close()


@_SCHEMES_AND_LANGUAGES
def test_the_pages_of_choices_moving_and_data_have_no_serious_barrier(
    browser: Browser, tmp_path: Path, scheme: Scheme, language: str
) -> None:
    page = open_pages(browser, scheme)
    page.set_viewport_size({"width": 360, "height": 800})
    with open_counter(tmp_path, settings=LOCAL, language=language) as counter:
        for title, category in (("The wall", "News"), ("The match", "Sport")):
            counter.desk.add_post(title, category)
        counter.send("/pause", ("pause", "4-weeks"))
        counter.send("/address", ("address", "new@mail.example.net"))
        counter.send("/data")
        mails = counter.mails()
        move = path_in(mails["new@mail.example.net"], "m")
        hour = int(counter.now.timestamp()) // 3600 + 10
        private = f"/d/{counter.token(Purpose.PRIVATE, number=hour)}"
        preferences = f"/p/{counter.token()}"
        for path in (
            preferences,
            f"{preferences}?show=1&sections=some&hour=99",
            move,
            private,
            f"{private}/erase",
            "/privacy",
        ):
            page.goto(counter.site.url + path)
            assert barriers(page) == [], path
            assert overflow(page) <= 0, path
            assert small_targets(page) == [], path
        page.goto(counter.site.url + preferences)
        follow(page, "form >> nth=0 >> button >> nth=0")
        assert page.locator("[role=status]").count() == 1
        assert barriers(page) == []
        page.goto(counter.site.url + move)
        follow(page, "button[value=yes]")
        assert barriers(page) == []
    page.context.close()


def small_targets(page: Page) -> list[str]:
    """Return the controls that are less than 44 pixels high."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("main button, main .button, main select,"
          + " main label.choice, main input:not([type=radio]):not([type=checkbox])")]
          .filter(each => each.offsetHeight > 0 && each.offsetHeight < 44)
          .map(each => each.outerHTML)"""
    )
    return [str(each) for each in found]


@pytest.fixture(scope="module")
def admin() -> Iterator[Site]:
    with serving(desk_showing(held_editions())) as site:
        yield site


@_SCHEMES
def test_the_editors_pages_have_no_serious_barrier(
    browser: Browser, admin: Site, scheme: Scheme
) -> None:
    page = open_pages(browser, scheme)
    for path in ("/", "/editions", "/plan", "/editions/3/history", "/editions/99"):
        page.goto(admin.url + path)
        assert barriers(page) == [], path
    page.context.close()


@_SCHEMES
def test_the_compose_page_has_no_barriers(browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
    work = open_draft(tmp_path)
    work.run("compose", "--quote", "1=1", "--drop", "3", "--move", "4=1", "--title", "2=Mill!")
    with serving(desk_of(work)) as site:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(f"{site.url}/editions/1/compose?post=1")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert barriers(page) == []
        context.close()
