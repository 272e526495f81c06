"""The whole way in, in a real browser: a form on another site, a real mail server, one button."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from subscribers.preferences import State
from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, follow, overflow
from tests.support.figures import combined
from tests.support.signing_up import Hall
from tests.support.smtp_sink import ScriptedSink
from tests.support.smtp_sink import serving as receiving
from tests.support.web_server import serving

ANN = "ann@heritage.org"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def open_hall(folder: Path, *, port: int, smtp_port: int = 9) -> Hall:
    hall = Hall.open(folder)
    for right, wrong in (
        ("https://hill.example.org", f"http://127.0.0.1:{port}"),
        ("port = 9", f"port = {smtp_port}"),
    ):
        hall.desk.project.change_config(right, wrong)
    return hall


def foreign_site(form: str) -> ASGIApp:
    """Return a site with a policy of its own, into which the form was pasted."""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1>{form}</main>',
        headers={"content-security-policy": "default-src 'none'; script-src 'none'"},
    )


def open_phone(browser: Browser, *, scripts: bool, scheme: Scheme = "light") -> Page:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, java_script_enabled=scripts
    )
    return context.new_page()


def post(hall: Hall) -> None:
    """Send what waits; in another thread, because the browser's loop has this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(hall.post).result()


def link_in(content: bytes) -> str:
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/c/\S+", part.get_content())
    assert found is not None
    return found[0]


def test_a_person_signs_up_on_another_site_without_a_script(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with receiving(ScriptedSink()) as sink:
        hall = open_hall(tmp_path, port=port, smtp_port=sink.port)
        hall.has_relay = True
        form = hall.desk.run("subscribers", "form", "--source", "footer").out
        with hall.serving(port=port), serving(foreign_site(form)) as shop:
            page = open_phone(browser, scripts=False)
            page.goto(shop.url)
            page.fill("input[type=email]", ANN)
            follow(page, "button")
            assert page.inner_text("h1") == "Check your inbox"
            post(hall)
            assert list(sink.accepted) == [ANN]
            page.goto(link_in(sink.contents[0]))
            assert page.inner_text("h1") == "One last click"
            follow(page, "main button")
            assert page.inner_text("h1") == "You are in"
            follow(page, "text=Change my preferences")
            assert page.inner_text("h1") == "The Hill Paper in your inbox"
            page.context.close()
        found = hall.subscription(ANN)
        assert found is not None
        assert found.state is State.CONFIRMED
        assert found.consent is not None
        assert "embedded form" in found.consent.text


@pytest.mark.parametrize(("scheme", "language"), combined(("light", "dark"), ("en", "ar")))
def test_the_pages_of_the_way_in_fit_a_phone_and_have_no_barrier(
    browser: Browser, tmp_path: Path, scheme: Scheme, language: str
) -> None:
    port = free_port()
    hall = open_hall(tmp_path, port=port)
    if language != "en":
        hall.desk.project.change_config(
            'name = "weekly"', f'name = "weekly"\nlanguage = "{language}"'
        )
    with hall.serving(port=port) as site:
        page = open_phone(browser, scripts=True, scheme=scheme)
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))

        def check(name: str) -> None:
            assert barriers(page) == [], name
            assert overflow(page) <= 0, name
            small = page.evaluate(
                "[...document.querySelectorAll('button, .button, summary, [type=email], select')]"
                ".filter(e => e.offsetParent && !e.closest('.trap') && !e.closest('label'))"
                ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
            )
            assert small == [], name

        page.goto(site.url)
        check("page")
        page.click("summary")
        check("choices")
        assert problems == []
        page.fill("#email", "ann@nowhere")
        follow(page, ".join button")
        check("fault")
        assert page.locator("#email").get_attribute("aria-invalid") == "true"
        page.fill("#email", ANN)
        hall.now = hall.now.replace(year=hall.now.year + 1)  # the stamp is too old, and counts not
        follow(page, ".join button")
        check("asked")
        post(hall)
        link = link_in(hall.letterbox.mails[0].content)
        page.goto(link)
        check("confirm")
        follow(page, "main button")
        check("joined")
        hall.now = hall.now.replace(year=hall.now.year + 1)
        page.goto(link)
        check("joined, again")
        page.goto(link.replace("/c/", "/c/x"))
        check("unknown")
        page.context.close()


def test_the_choices_end_with_a_button_that_sends_them(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    hall = open_hall(tmp_path, port=port)
    with hall.serving(port=port):
        page = open_phone(browser, scripts=False)
        page.goto(f"http://127.0.0.1:{port}/weekly")
        last = page.locator("form.join button").last
        assert not last.is_visible()
        page.click("summary")
        page.fill("#email", ANN)
        with page.expect_navigation():
            last.click()
        assert page.inner_text("h1") == "Check your inbox"
        page.context.close()
