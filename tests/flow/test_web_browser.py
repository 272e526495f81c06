"""The web pages in a browser: narrow and wide, light and dark, and under attack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Request

from digest.models import AuditEntry
from digest.newsroom.desk.coming import Coming
from digest.newsroom.desk.history import History
from digest.newsroom.desk.home import Home, Need, Weight
from digest.newsroom.desk.rows import EditionHead, EditionList, EditionRow
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.preferences import State
from subscribers.tokens import Purpose
from tests.support.browser import chromium, follow, overflow
from tests.support.figures import combined
from tests.support.web_attacks import PAYLOADS
from tests.support.web_doors import (
    NOW,
    PeopleStore,
    desk_showing,
    held_editions,
    people_store,
    public_door,
)
from tests.support.web_server import Site, serving

Scheme = Literal["light", "dark"]

ADMIN = ["/", "/editions", "/plan", "/editions/3/history"]
WIDTHS = [360, 1000]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


@pytest.fixture
def public(store: PeopleStore) -> Iterator[Site]:
    with serving(create_public(public_door(store), PUBLIC)) as site:
        yield site


@pytest.fixture(scope="module")
def admin() -> Iterator[Site]:
    with serving(desk_showing(held_editions())) as site:
        yield site


def open_page(browser: Browser, width: int, scheme: Scheme, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
    )
    # Images of the sample mail are on a host that does not exist.
    context.route("https://**/*", lambda route: route.abort())
    return context.new_page()


def public_urls(site: Site, store: PeopleStore) -> dict[str, str]:
    return {
        "preferences": f"{site.url}/p/{store.token(Purpose.PREFERENCES)}",
        "leave": f"{site.url}/u/{store.token(Purpose.LEAVE)}",
        "unknown": f"{site.url}/u/x",
    }


@pytest.mark.parametrize(("width", "scheme"), combined(WIDTHS, ("light", "dark")))
def test_subscribers_pages_fit_every_screen(
    browser: Browser, public: Site, store: PeopleStore, width: int, scheme: Scheme
) -> None:
    page = open_page(browser, width, scheme)
    for name, url in public_urls(public, store).items():
        page.goto(url)
        page.screenshot(path=store.folder / f"{name}-{width}-{scheme}.png")
        assert overflow(page) <= 0, name
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), combined(WIDTHS, ("light", "dark")))
def test_editors_pages_fit_every_screen(
    browser: Browser, admin: Site, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    page = open_page(browser, width, scheme)
    for number, path in enumerate(ADMIN):
        page.goto(admin.url + path)
        page.screenshot(path=tmp_path / f"admin-{number}-{width}-{scheme}.png")
        assert overflow(page) <= 0, path
    page.context.close()


def test_a_subscriber_leaves_without_scripts(
    browser: Browser, public: Site, store: PeopleStore
) -> None:
    page = open_page(browser, 360, "light", scripts=False)
    page.goto(public_urls(public, store)["preferences"])
    follow(page, "text=Leave this newsletter")
    assert page.inner_text("h1").startswith("You have left")
    assert store.subscription().state is State.LEFT
    page.context.close()


# --- attack -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpoiltEditions:
    """Editions in which every word is an attacker's."""

    template: EditionRow = field(default_factory=lambda: held_editions().rows[-1])

    def home(self) -> Home:
        needs = tuple(
            Need(weight=Weight.WARN, text=words, path="/plan", action="See") for words in PAYLOADS
        )
        coming = Coming(editions=(), blocked=(), weeks=4)
        return Home(needs=needs, coming=coming, last=self.list_editions().rows)

    def list_editions(self, newsletter: str = "", **_: int | None) -> EditionList:
        rows = tuple(self._row(number) for number in range(len(PAYLOADS)))
        names = tuple((words, words) for words in PAYLOADS)
        return EditionList(
            rows=rows, newsletters=names, newsletter=newsletter, newer=None, older=None
        )

    def history(self, edition_id: int) -> History:
        entries = tuple(
            AuditEntry(at=NOW, actor=words, action="x", detail=words) for words in PAYLOADS
        )
        return History(head=self.head(edition_id), entries=entries)

    def head(self, edition_id: int) -> EditionHead:
        return self._row(edition_id).head

    def _row(self, number: int) -> EditionRow:
        words = PAYLOADS[number]
        head = replace(
            self.template.head, id=number, newsletter=words, cadence=words, paused_reason=words
        )
        return replace(self.template, head=head, subject=words)


class Watch:
    """Records every action of a page that plain text would not take."""

    def __init__(self, page: Page, site: Site) -> None:
        self.tried: list[str] = []
        self._site = site
        page.on("dialog", lambda dialog: self._note(f"dialog {dialog.message}", dialog.dismiss))
        page.on("console", lambda message: self._note_console(message.text))
        page.on("request", self._note_request)

    def _note(self, what: str, then: object = None) -> None:
        self.tried.append(what)
        if callable(then):
            then()

    def _note_console(self, text: str) -> None:
        # A blocked script is an attempt: escaped words attempt nothing.
        if "Content Security Policy" in text or "Blocked" in text:
            self._note(text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self._site.url):
            self._note(f"request {request.url}")


@pytest.fixture(scope="module")
def spoilt() -> Iterator[Site]:
    with serving(desk_showing(SpoiltEditions())) as site:
        yield site


def show(page: Page, url: str) -> str:
    page.goto(url)
    for element in page.locator("main a:visible, main button:visible, main li:visible").all()[:3]:
        element.hover()
    return page.inner_text("body")


def test_the_table_of_attacks_is_large() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("path", ["/", "/editions", "/editions/1/history"])
def test_no_word_of_a_feed_or_a_comment_becomes_markup(
    browser: Browser, spoilt: Site, path: str
) -> None:
    page = open_page(browser, 1000, "light")
    watch = Watch(page, spoilt)
    shown = " ".join(show(page, spoilt.url + path).split())
    missing = [words for words in PAYLOADS if " ".join(words.split()) not in shown]
    assert (watch.tried, missing) == ([], [])
    page.context.close()
