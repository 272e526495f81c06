"""A send is watched in a browser, over a real service and a real mail server."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flow.test_accessibility import barriers
from tests.support.browser import Scheme, chromium, overflow
from tests.support.desk_work import Desk
from tests.support.ports import free_port, wait_for_port
from tests.support.smtp_sink import ScriptedSink, serving

pytestmark = pytest.mark.long

#: Mails, and how many go in a second.
_MAILS, _RATE = 80, 15
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
#: A guard against hanging, in milliseconds.
_LONGEST = 60_000
_SENDING = "/editions/1/sending"
_PAGES = (
    _SENDING,
    f"{_SENDING}/mails?state=failed&reason=refused",
    "/editions/1/preview/test",
    "/report",
    "/report/mails/4",
    "/report/webhooks",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def sink() -> Iterator[ScriptedSink]:
    refusal = (b"550 5.1.1 <script>alert(1)</script>\r\n",)
    with serving(ScriptedSink(script={("subscriber3@example.net", "RCPT"): refusal})) as found:
        yield found


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, sink: ScriptedSink) -> Iterator[str]:
    """Return the address of a desk whose service runs, with an approved edition."""
    desk = Desk.open(tmp_path_factory.mktemp("desk"), review="required")
    admin, public = free_port(), free_port()
    desk.project.change_config("port = 9", f"port = {sink.port}\nrate = {_RATE}")
    more = 'testers = ["tess@example.net"]'
    desk.project.change_config('name = "weekly"', f'name = "weekly"\n{more}')
    with desk.project.config.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[web]\nadmin = "127.0.0.1:{admin}"\npublic = "127.0.0.1:{public}"\n'
            "[run]\ntick_s = 0.5\n"
        )
    desk.add_post("The bridge is mended")
    desk.add_subscribers(_MAILS)
    desk.compose()
    assert desk.run("approve", "1").code == 0
    service = desk.project.start("run", "--serve", "--trust-clock")
    try:
        wait_for_port(admin)
        yield f"http://127.0.0.1:{admin}"
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_LONGEST)
    yield context.new_page()
    context.close()


def test_a_send_is_ordered_watched_paused_and_resumed(
    browser: Browser, page: Page, base: str, sink: ScriptedSink
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(base + _SENDING)
    page.check("input[name=now]")
    page.click("text=Send The Hill Paper")
    # The page follows by itself from here on: the order, the freeze, the mails.
    meter = page.locator("#live .meter")
    expect(meter).to_be_visible(timeout=_LONGEST)
    expect(meter).to_have_text(re.compile(r"[1-9]\d? %"), timeout=_LONGEST)
    page.fill("#reason", "a look")
    page.click("form[action$='/pause'] button")
    page.wait_for_selector("form[action$='/resume']")
    time.sleep(1)
    held = sink.accepted.total()
    time.sleep(1)
    assert 0 < held < _MAILS
    assert sink.accepted.total() == held
    page.click("form[action$='/resume'] button")
    expect(page.locator("#progress-heading")).to_have_text("Result", timeout=_LONGEST)
    assert page.inner_text(".state") == "finished"
    assert sink.accepted.total() == _MAILS - 1
    assert max(sink.accepted.values()) == 1
    assert faults == []
    check_without_script(browser, base)
    for scheme in SCHEMES:
        check_pages(browser, base, scheme)


def check_without_script(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + _SENDING)
    assert page.inner_text("#progress-heading") == "Result"
    assert page.locator("svg[role=img]").count() > 0
    context.close()


def check_pages(browser: Browser, base: str, scheme: Scheme) -> None:
    """Check each page for barriers, on a phone."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for path in _PAGES:
        page.goto(base + path)
        assert overflow(page) <= 0, path
        assert barriers(page) == [], path
        assert page.locator("script:not([src])").count() == 0
    context.close()
