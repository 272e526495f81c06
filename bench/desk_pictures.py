"""Makes pictures of the desk for the README: the demo's paper, in review and while it is sent.

    make pictures

The demo's paper is collected and composed through the public commands; its edition waits for an
approver. Then it is approved and sent to the demo's mail server, and the desk shows that.
`python -m bench.desk_pictures FOLDER` writes every page, on every screen, as PNG into a folder.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.app import App
from digest.demo.folder import DemoFolder, prepare_folder
from digest.demo.issue import Issue
from digest.demo.mailserver import start_mail_server
from digest.demo.people import sample_subscribers, subscribers_csv
from digest.demo.run import serve_site
from digest.demo.settings import Ports, find_free_ports, write_config
from digest.demo.steps import digest_command
from digest.models import Actor
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import DESK
from tests.support.browser import Scheme, chromium
from tests.support.project import weekly_at
from tests.support.web_server import Site, serving

_READ = (
    ("db", "upgrade"),
    ("subscribers", "import", "people.csv", "--consent", "Signed up in this demo."),
    ("collect",),
    ("compose",),
)
_SEND = (("approve", "1"), ("send", "--now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskShot:
    """One picture of a page."""

    name: str
    path: str
    width: int = 1280
    height: int = 900
    scheme: Scheme = "light"
    #: Whether the edition is sent by then.
    is_sent: bool = False


#: Those of the README.
SHOTS = (
    DeskShot(name="desk-home", path="/"),
    DeskShot(name="desk-compose", path="/editions/1/compose", height=1100),
    DeskShot(name="desk-compose-phone", path="/editions/1/compose", width=390, height=1100),
    DeskShot(name="desk-preview", path="/editions/1/preview", width=1280, height=900),
    DeskShot(name="desk-approve", path="/editions/1/approve", height=1100),
    DeskShot(name="desk-sending", path="/editions/1/sending", is_sent=True),
    DeskShot(name="desk-approve-dark", path="/editions/1/approve", scheme="dark"),
)
_BEFORE = (
    "/",
    "/editions",
    "/plan",
    "/editions/1/compose",
    "/editions/1/preview",
    "/editions/1/preview/test",
    "/editions/1/approve",
    "/editions/1/sending",
    "/editions/1/history",
    "/comments",
    "/comments/people",
    "/feeds",
    "/feeds/add",
    "/subscribers",
    "/subscribers/1",
    "/subscribers/add",
    "/subscribers/import",
    "/settings",
    "/sign-in",
)
_AFTER = ("/", "/editions/1/sending", "/report", "/editions/1/sending/mails?state=failed")


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """The desk of the demo's paper, whose edition waits for approval."""

    site: Site
    folder: DemoFolder

    def run(self, *step: str) -> None:
        """Run a command of `digest`."""
        command = digest_command(step)
        subprocess.run(command, cwd=self.folder.root, check=True, stdout=subprocess.DEVNULL)

    def send(self) -> None:
        """Approve the edition and send it."""
        for step in _SEND:
            self.run(*step)


@contextmanager
def paper_desk(out: Path) -> Iterator[PaperDesk]:
    """Collect and compose the demo's paper, and serve its desk."""
    folder = prepare_folder(out)
    with serve_site() as (_, issue), start_mail_server(folder.mailbox) as smtp:
        public, admin = find_free_ports(2)
        _write_config(folder, issue, Ports(smtp=smtp, public=public, admin=admin))
        people = sample_subscribers(now=datetime.now(UTC))
        folder.people.write_text(subscribers_csv(people), "utf-8", newline="")
        for step in _READ:
            subprocess.run(
                digest_command(step), cwd=folder.root, check=True, stdout=subprocess.DEVNULL
            )
        app = App.load(folder.config)
        app.newsroom.proofs.examine(1, by=Actor(name="editor"))
        with serving(create_desk(desk_door(app), DESK)) as site:
            yield PaperDesk(site, folder)


def _write_config(folder: DemoFolder, issue: Issue, ports: Ports) -> None:
    """Write the demo's configuration, with an approval and an hour that has not come."""
    text = write_config(
        issue, ports, secret_key=secrets.token_urlsafe(32), database="sqlite:///digest.db"
    )
    schedule = weekly_at(datetime.now(UTC) + timedelta(hours=20))
    text = re.sub(r'^schedule = ".*"$', f'schedule = "{schedule}"', text, flags=re.MULTILINE)
    text = text.replace("[[newsletters]]", '[[newsletters]]\nreview = "required"', 1)
    folder.config.write_text(text, "utf-8")


def make_desk_pictures(browser: Any, save: Callable[[bytes, str], object]) -> None:
    """Make the pictures of the README; `save` gets each one, and its name."""
    with tempfile.TemporaryDirectory() as scratch, paper_desk(Path(scratch) / "desk") as desk:
        for shot in sorted(SHOTS, key=lambda each: each.is_sent):
            if shot.is_sent and not any(desk.folder.mailbox.glob("*.eml")):
                desk.send()
            save(draw(browser, desk.site, shot), shot.name)


def draw(browser: Any, site: Site, shot: DeskShot, *, is_whole: bool = False) -> bytes:
    """Return a picture of a page; of the part that a screen shows, or of all of it."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    # The page of a send keeps a stream open, so the network is never idle.
    page.goto(site.url + shot.path, wait_until="load")
    drawn = page.screenshot(full_page=is_whole)
    context.close()
    return drawn


def main(out: Path) -> None:
    """Write every page, on every screen, for the eye."""
    out.mkdir(parents=True, exist_ok=True)
    screens: tuple[tuple[str, int, Scheme], ...] = (
        ("light", 1280, "light"),
        ("dark", 1280, "dark"),
        ("phone", 390, "light"),
    )
    with (
        tempfile.TemporaryDirectory() as scratch,
        chromium() as browser,
        paper_desk(Path(scratch) / "desk") as desk,
    ):
        for is_sent, paths in ((False, _BEFORE), (True, _AFTER)):
            if is_sent:
                desk.send()
            for path in paths:
                for name, width, scheme in screens:
                    words = re.sub(r"\W+", "-", path).strip("-") or "home"
                    shot = DeskShot(name=words, path=path, width=width, scheme=scheme)
                    drawn = draw(browser, desk.site, shot, is_whole=True)
                    file = out / f"{'sent-' if is_sent else ''}{words}-{name}.png"
                    file.write_bytes(drawn)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
