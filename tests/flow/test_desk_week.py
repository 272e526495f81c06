"""The week of an admin in a real browser, from the draft to the mail that a real server received.

`DIGEST_PICTURES` names a folder that keeps a picture of each step.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digest.models.admins import Role
from tests.support.browser import chromium, overflow
from tests.support.composing_desk import open_draft
from tests.support.desk_visitor import PASSWORD, add_account
from tests.support.ports import free_port, wait_for_port
from tests.support.smtp_sink import ScriptedSink, serving

pytestmark = pytest.mark.long

#: A guard against hanging, in milliseconds.
_LONGEST = 90_000
_TESTER = "tess@example.net"
_SUBJECT = "The bridge stands again"
_PEOPLE = {"ben": Role.EDITOR, "anna": Role.APPROVER, "olga": Role.OPS}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_LONGEST)
    with chromium() as started:
        yield started


@pytest.fixture
def sink() -> Iterator[ScriptedSink]:
    with serving(ScriptedSink()) as found:
        yield found


@pytest.fixture
def base(tmp_path: Path, sink: ScriptedSink) -> Iterator[str]:
    """Return the address of the desk of a service that runs, with three accounts and a draft."""
    work = open_draft(tmp_path)
    admin, public = free_port(), free_port()
    work.project.change_config("port = 9", f"port = {sink.port}")
    work.project.change_config('name = "weekly"', f'name = "weekly"\ntesters = ["{_TESTER}"]')
    with work.project.config.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[web]\nadmin = "127.0.0.1:{admin}"\npublic = "127.0.0.1:{public}"\n'
            "[run]\ntick_s = 0.5\n"
        )
    app = work.app
    for name, role in _PEOPLE.items():
        add_account(app, name, role)
    service = work.project.start("run", "--serve", "--trust-clock")
    try:
        wait_for_port(admin)
        yield f"http://127.0.0.1:{admin}"
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0


class Admin:
    """One person at a keyboard: nothing here is clicked."""

    def __init__(self, context: BrowserContext, base: str, name: str) -> None:
        context.set_default_timeout(_LONGEST)
        self.page: Page = context.new_page()
        self._name = name
        self._count = 0
        self.page.goto(base)
        self.type("#name", name)
        self.type("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".menu")

    def reach(self, selector: str) -> None:
        """Press Tab until a part of the page has the focus."""
        part = self.page.locator(selector).first.element_handle()
        for _ in range(250):
            if self.page.evaluate("e => e === document.activeElement", part):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{selector} is not reached by keyboard")

    def type(self, selector: str, text: str) -> None:
        """Write into a field in place of what it has."""
        self.reach(selector)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def press(self, selector: str, key: str = "Enter") -> None:
        """Press a button, a link or a box."""
        self.reach(selector)
        self.page.keyboard.press(key)

    def open_tab(self, name: str) -> None:
        """Go to a page of the edition by its tab."""
        self.press(f".tabs a[href$='/{name}']")
        self.page.wait_for_selector(f".tabs a[href$='/{name}'][aria-current]")
        assert overflow(self.page) <= 0, name
        self.keep(name)

    def keep(self, name: str) -> None:
        """Keep a picture of the page, if somebody wants to look."""
        self._count += 1
        if folder := os.environ.get("DIGEST_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            file = Path(folder) / f"week-{self._name}-{self._count:02}-{name}.png"
            self.page.screenshot(path=file, full_page=True)


def test_a_week_by_keyboard_alone_from_the_draft_to_the_mail_that_arrives(
    browser: Browser, base: str, sink: ScriptedSink
) -> None:
    """Two editors, an approver and an operator; one of them has only a phone."""
    desktop, phone = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
    anna = Admin(browser.new_context(viewport=desktop), base, "anna")  # type: ignore[arg-type]
    ben = Admin(browser.new_context(viewport=phone), base, "ben")  # type: ignore[arg-type]
    write_the_edition(anna, ben)
    send_a_test(ben, sink)
    approve(anna)
    olga = Admin(browser.new_context(viewport=phone), base, "olga")  # type: ignore[arg-type]
    send(olga)
    received = dict(zip(sink.recipients, sink.contents, strict=True))
    assert set(received) == {_TESTER, *(f"subscriber{number}@example.net" for number in range(3))}
    assert max(sink.accepted.values()) == 1
    mail = message_from_bytes(received["subscriber1@example.net"], policy=default)
    assert mail["subject"] == _SUBJECT
    html = mail.get_body(("html",))
    assert html is not None
    shown = html.get_content()
    assert "Council votes tonight" in shown
    assert shown.index("A mill turns again") > shown.index("The ferry is late")
    for each in (anna, ben, olga):
        each.page.context.close()


def write_the_edition(anna: Admin, ben: Admin) -> None:
    """Both have the same draft before them; the later change is shown to be late, and redone."""
    for each in (anna, ben):
        each.keep("home")
        each.press(".needs a, a[href$='/editions/1']")
        each.page.wait_for_selector(".tabs")
        each.open_tab("compose")
    ben.press("#open-4")
    ben.page.wait_for_selector("#title-4")
    anna.press("#down-2")
    expect(anna.page.locator("#said")).to_contain_text("Moved")
    anna.type("#subject", _SUBJECT)
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator("#said")).to_contain_text("New subject")
    anna.keep("written")
    ben.type("#title-4", "Council votes tonight")
    ben.press("button:text('Save the texts')")
    ben.page.wait_for_selector(".versions")
    ben.keep("conflict")
    ben.press("button:text('Make my change all the same')")
    expect(ben.page.locator("#post-4 h3")).to_contain_text("Council votes tonight")
    ben.keep("texts")


def send_a_test(ben: Admin, sink: ScriptedSink) -> None:
    ben.open_tab("preview")
    ben.press("a[href$='/preview/test']")
    ben.press("form[action$='/preview/test'] button")
    ben.page.wait_for_selector("#results .tag.good")
    ben.keep("test")
    assert sink.recipients == [_TESTER]
    assert b"Subject: [Test " in sink.contents[0]


def approve(anna: Admin) -> None:
    anna.open_tab("preview")
    anna.open_tab("approve")
    anna.press("form[action$='/approve/check'] button")
    anna.page.wait_for_selector("#typed")
    anna.type("#typed", "3")
    anna.keep("checked")
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator(".state").first).to_have_text("approved")
    anna.keep("approved")


def send(olga: Admin) -> None:
    olga.press("a[href$='/editions/1']")
    olga.page.wait_for_selector(".tabs")
    olga.open_tab("sending")
    olga.press("input[name=now]", "Space")
    olga.press("form[action$='/order'] button")
    expect(olga.page.locator("#progress-heading")).to_have_text("Result", timeout=_LONGEST)
    expect(olga.page.locator(".state").first).to_have_text(re.compile("finished"))
    olga.keep("result")
