"""The web pages in a browser: narrow and wide, light and dark, and under attack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from digest.letter.printing.message import join
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.models import CommentOmission, Edition, Omission, Reason
from digest.newsroom.desk.rows import EditionHead, EditionPage, EditionRow, VariantRow
from digest.web.public.app import create_public
from subscribers.preferences import State
from subscribers.tokens import Purpose
from tests.support.browser import chromium, follow, overflow
from tests.support.figures import combined
from tests.support.samples import (
    sample_edition,
    sample_letter,
    sample_personal,
    sample_quote,
    sample_story,
)
from tests.support.web_attacks import CALL, PAYLOADS
from tests.support.web_doors import (
    PeopleStore,
    desk_showing,
    head_of,
    held_editions,
    people_store,
    public_door,
)
from tests.support.web_server import Site, serving

Scheme = Literal["light", "dark"]

PUBLIC = ["preferences", "leave", "unknown"]
ADMIN = [
    "/",
    "/editions/3/preview?look=phone",
    "/editions/3/preview?look=dark",
    "/editions/3/preview?tab=text",
    "/editions/3/preview?tab=headers",
    "/editions/3/preview?tab=why",
]
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
    with serving(create_public(public_door(store))) as site:
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


def test_an_editor_picks_variant_and_side_without_scripts(browser: Browser, admin: Site) -> None:
    page = open_page(browser, 1000, "light", scripts=False)
    page.goto(admin.url)
    follow(page, "text=Four councils >> nth=0")
    page.select_option("select", "some")
    follow(page, "text=Show")
    follow(page, "text=Headers")
    assert page.locator("select").input_value() == "some"
    assert page.get_by_text("List-Unsubscribe-Post").is_visible()
    page.context.close()


def test_a_screen_has_the_requested_width_and_colour_scheme(browser: Browser, admin: Site) -> None:
    page = open_page(browser, 1000, "light")
    page.goto(f"{admin.url}/editions/3/preview?look=dark-phone")
    frame = page.frames[1]
    paper = "getComputedStyle(document.querySelector('.paper')).backgroundColor"
    assert frame.evaluate("window.innerWidth") == 360
    assert frame.evaluate(paper) == "rgb(28, 27, 25)"
    page.context.close()


# --- attack -------------------------------------------------------------------------------------

#: Payloads in one mail: as many as three sections print.
_BATCH = 15
_SECTIONS = ("Security", "Economy", "Culture")


@dataclass(frozen=True, slots=True)
class SpoiltEditions:
    """Editions in which every word is an attacker's; one mail holds fifteen payloads."""

    template: EditionRow = field(default_factory=lambda: held_editions().rows[-1])

    def list_editions(self) -> tuple[EditionRow, ...]:
        return tuple(self._row(number) for number in range(len(PAYLOADS)))

    def head(self, edition_id: int) -> EditionHead:
        return head_of(self._row(edition_id))

    def find_edition(self, edition_id: int) -> EditionPage:
        first = PAYLOADS[edition_id % len(PAYLOADS)]
        variant = VariantRow(
            key=first, label=first, subject=first, story_count=1, subscriber_count=1, findings=()
        )
        row = self._row(edition_id)
        return EditionPage(row=row, edition=spoil(PAYLOADS), variants=(variant, variant))

    def read_mail(self, edition_id: int, variant_key: str) -> OpenedMessage:
        assert variant_key == PAYLOADS[edition_id]
        payloads = PAYLOADS[edition_id : edition_id + _BATCH]
        return open_message(join(sample_letter(spoil(payloads)).pieces, sample_personal()).content)

    def _row(self, number: int) -> EditionRow:
        words = PAYLOADS[number]
        return replace(
            self.template, id=number, newsletter=words, subject=words, paused_reason=words
        )


def spoil(payloads: list[str]) -> Edition:
    stories = []
    for number, words in enumerate(payloads):
        reason = Reason(code=words, text=words)
        omitted = CommentOmission(comment_id=number, name=words, text=words, reason=reason)
        stories.append(
            sample_story(
                number + 1,
                title=words,
                categories=(_SECTIONS[number % 3],),
                author=words,
                excerpt=words,
                reason=reason,
                image_alt=words,
                quotes=(sample_quote(number, words, words),),
                not_quoted=(omitted,),
            )
        )
    omission = Omission(post_id=99, title=payloads[0], reason=Reason(code="x", text=payloads[0]))
    return sample_edition(stories=tuple(stories), omitted=(omission,), intro=(payloads[0],))


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


@pytest.mark.parametrize("path", ["/", "/editions/1/preview?tab=why"])
def test_no_word_of_a_feed_or_a_comment_becomes_markup(
    browser: Browser, spoilt: Site, path: str
) -> None:
    page = open_page(browser, 1000, "light")
    watch = Watch(page, spoilt)
    shown = " ".join(show(page, spoilt.url + path).split())
    missing = [words for words in PAYLOADS if " ".join(words.split()) not in shown]
    assert (watch.tried, missing) == ([], [])
    page.context.close()


@pytest.mark.parametrize("tab", ["mail", "text", "headers"])
def test_no_mail_runs_a_script_or_calls_a_stranger(
    browser: Browser, spoilt: Site, tab: str
) -> None:
    page = open_page(browser, 1000, "light")
    watch = Watch(page, spoilt)
    for number in range(1, len(PAYLOADS), _BATCH):
        show(page, f"{spoilt.url}/editions/{number}/preview?tab={tab}")
    assert watch.tried == []
    page.context.close()


def test_a_frame_would_hold_a_script_that_came_through(browser: Browser) -> None:
    """The second defence alone: a mail whose HTML was not cleaned."""
    with serving(desk_showing(held_editions())) as site:
        page = open_page(browser, 1000, "light")
        watch = Watch(page, site)
        page.route("**/mail?**", add_script)
        page.goto(f"{site.url}/editions/3/preview")
        page.context.close()
    assert not [what for what in watch.tried if what.startswith("dialog")]
    assert [what for what in watch.tried if "Blocked" in what or "Policy" in what]


def add_script(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + f"<script>{CALL}</script>")
