"""A real browser for tests: Debian's Chromium, without a window and without the internet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

Scheme = Literal["light", "dark"]
_ROOT = Path(__file__).parents[2]
_PICTURES = (_ROOT / "tests/data/letter/img", _ROOT / "digest/demo/data/images")

CHROMIUM = Path("/usr/bin/chromium")
#: Set to 1 if a missing browser is a failure, not a reason to skip.
REQUIRED = "DIGEST_REQUIRE_BROWSER"

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; without one, skip the test, or fail it if the browser is required."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing; install Debian's chromium"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def follow(page: Page, selector: str) -> None:
    """Click a link or a button, and return when the next page is there."""
    with page.expect_navigation():
        page.click(selector)


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return int(width)


def part_of(page: Page, start: str, *, height: int) -> bytes:
    """Return a picture of the page, as wide as its window.

    Args:
        page: a page of any length.
        start: the selector shown near the top; the top of the page if empty.
        height: the picture's height in pixels.
    """
    top = 0.0
    if start:
        found = page.locator(start).first.bounding_box()
        assert found is not None
        top = found["y"] - 30
    window = page.viewport_size
    assert window is not None
    clip: FloatRect = {"x": 0, "y": top, "width": window["width"], "height": height}
    return page.screenshot(full_page=True, clip=clip)


def picture(url: str) -> Path:
    """Return the file of a sample picture's address."""
    name = url.rpartition("/")[2]
    return next(folder / name for folder in _PICTURES if (folder / name).is_file())


@contextmanager
def shown(
    browser: Browser,
    html: str,
    *,
    width: int,
    scheme: Scheme = "light",
    has_pictures: bool = True,
) -> Iterator[Page]:
    """Show the HTML in a window; our pictures are served, all else is refused."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    if has_pictures:
        page.route("**/*.jpg", lambda route: route.fulfill(path=picture(route.request.url)))
    page.set_content(html, wait_until="load")
    yield page
    context.close()
