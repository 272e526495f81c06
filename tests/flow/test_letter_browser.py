"""A letter in a browser: narrow and wide, light and dark, with and without its style sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.letter.letter import render_web
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.models import Edition
from tests.support.browser import Scheme, chromium, overflow, shown
from tests.support.samples import (
    plan_for_all,
    sample_edition,
    sample_letter,
    sample_personal,
    sample_renderer,
    sample_site,
    sample_story,
)

WIDTHS = [360, 640]
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts"
    folder.mkdir()
    return folder


def mail_of(edition: Edition, **variant: str) -> str:
    letter = sample_letter(edition, **variant)
    return open_message(join(letter.pieces, sample_personal()).content).html


def page_of(edition: Edition) -> str:
    return render_web(edition, plan_for_all(edition), sample_site(), sample_renderer())


def background(page: Page, selector: str) -> str:
    return str(
        page.locator(selector).first.evaluate("node => getComputedStyle(node).backgroundColor")
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_mail_fits_its_window(
    browser: Browser, artifacts: Path, width: int, scheme: Scheme
) -> None:
    with shown(browser, mail_of(sample_edition()), width=width, scheme=scheme) as page:
        page.screenshot(path=artifacts / f"mail-{width}-{scheme}.png", full_page=True)
        assert overflow(page) <= 0


@pytest.mark.parametrize(
    ("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(28, 27, 25)")]
)
def test_paper_follows_the_colour_scheme(browser: Browser, scheme: Scheme, paper: str) -> None:
    with shown(browser, mail_of(sample_edition()), width=640, scheme=scheme) as page:
        assert background(page, ".paper") == paper


@pytest.mark.parametrize("width", WIDTHS)
def test_mail_fits_without_its_style_sheets(browser: Browser, artifacts: Path, width: int) -> None:
    stripped = _STYLE.sub("", mail_of(sample_edition()))
    with shown(browser, stripped, width=width) as page:
        page.screenshot(path=artifacts / f"stripped-{width}.png", full_page=True)
        assert overflow(page) <= 0


def test_larger_text_fits_a_phone(browser: Browser, artifacts: Path) -> None:
    with shown(browser, mail_of(sample_edition(), text_size="large"), width=360) as page:
        page.screenshot(path=artifacts / "large-360.png", full_page=True)
        assert overflow(page) <= 0


def test_right_to_left_fits_a_phone(browser: Browser, artifacts: Path) -> None:
    with shown(browser, mail_of(sample_edition(), language="ar"), width=360) as page:
        page.screenshot(path=artifacts / "rtl-360.png", full_page=True)
        assert overflow(page) <= 0


def test_long_words_do_not_widen_the_mail(browser: Browser, artifacts: Path) -> None:
    words = "Donaudampfschifffahrtsgesellschaft" * 4
    story = sample_story(1, title=words, author=words, excerpt=f"{words} https://a.example/{words}")
    html = mail_of(sample_edition(title=words, stories=(story,)))
    with shown(browser, html, width=360) as page:
        page.screenshot(path=artifacts / "long-360.png", full_page=True)
        assert overflow(page) <= 0


def test_a_long_address_does_not_widen_the_mail(browser: Browser) -> None:
    html = mail_of(sample_edition()).replace("subscriber@example.org", f"{'r' * 64}@{'d' * 60}.org")
    with shown(browser, html, width=360) as page:
        assert overflow(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_web_page_fits_its_window(
    browser: Browser, artifacts: Path, width: int, scheme: Scheme
) -> None:
    edition = replace(sample_edition(), max_posts_per_category=2)
    with shown(browser, page_of(edition), width=width, scheme=scheme) as page:
        page.screenshot(path=artifacts / f"web-{width}-{scheme}.png", full_page=True)
        assert overflow(page) <= 0
        assert page.get_by_role("main").count() == 1


def test_pictures_are_shown(browser: Browser) -> None:
    with shown(browser, mail_of(sample_edition()), width=640) as page:
        widths = page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")
        assert len(widths) == 4
        assert all(widths)
