"""A draft's poll is shown to editors and not mailed; all else is shown as it is mailed."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.app import App
from digest.letter.printing.message import OpenedMessage, open_message
from digest.newsroom.desk import EditionsDesk
from digest.web.desk.app import create_admin
from tests.support.desk_work import NOW, Desk
from tests.support.project import Result, weekly_at
from tests.support.web_doors import pages
from tests.support.web_server import serving

QUESTION = "Should the library stay open until midnight?"
POLL = f"""
[newsletters.poll]
question = "{QUESTION}"
choices = ["I agree", "I disagree"]
"""
NOTE = "The poll is shown here only; it is mailed when its pages exist."


def drafted(folder: Path, poll: str = POLL) -> Desk:
    """Return a draft and one subscriber."""
    work = Desk.open(folder)
    work.project.config.write_text(work.project.config.read_text() + poll)
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    # Its hour has come, so it is dated today, before and after the send.
    ahead = work.app.config.newsletters[0].schedule
    work.project.change_config(f'"{ahead}"', f'"{weekly_at(NOW)}"')
    assert work.run("compose").code == 0
    return work


def preview(work: Desk, *arguments: str) -> Result:
    return work.run("preview", "--out", str(work.project.folder / "preview"), *arguments)


def files_of(work: Desk, *arguments: str) -> OpenedMessage:
    files = preview(work, "--json", *arguments).data["files"]
    return open_message(Path(files["eml"]).read_bytes())


def admin_mail(app: App) -> OpenedMessage:
    seen = EditionsDesk(App(app.config, clock=lambda: NOW))
    page = seen.find_edition(1)
    assert page is not None
    content = seen.read_mail(1, page.variants[0].key)
    assert content is not None
    return content


@pytest.mark.parametrize("arguments", [(), ("--as", "subscriber0@example.net")])
def test_a_preview_of_a_draft_shows_the_poll_with_a_note(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    work = drafted(tmp_path)
    mail = files_of(work, *arguments)
    assert QUESTION in mail.html
    assert QUESTION in mail.text
    assert NOTE in preview(work, *arguments).out
    assert preview(work, "--json", *arguments).data["note"] == NOTE


def test_a_preview_without_a_poll_has_no_note(tmp_path: Path) -> None:
    work = drafted(tmp_path, "")
    assert NOTE not in preview(work).out
    assert preview(work, "--json").data["note"] == ""


def test_a_mail_on_its_way_has_no_poll_in_any_view(tmp_path: Path) -> None:
    work = drafted(tmp_path)
    assert work.send().code == 0
    sent = next((work.project.folder / "out").glob("*.eml")).read_bytes()
    looked_at = (open_message(sent), files_of(work), admin_mail(work.app))
    for mail in looked_at:
        assert "A bridge is mended" in mail.html
        assert QUESTION not in mail.html + mail.text
    assert NOTE not in preview(work).out


@pytest.mark.parametrize(("path", "is_said"), [("?tab=mail", True), ("?tab=why", False)])
def test_the_page_of_a_draft_notes_that_the_poll_is_not_mailed(
    tmp_path: Path, path: str, *, is_said: bool
) -> None:
    work = drafted(tmp_path)
    desk = EditionsDesk(App(work.app.config, clock=lambda: NOW))
    with serving(create_admin(desk, pages())) as site:
        assert (NOTE in site.ask(f"/editions/1{path}").text) is is_said
        assert work.send().code == 0
        assert NOTE not in site.ask(f"/editions/1{path}").text


@pytest.mark.parametrize("poll", ["", POLL])
def test_everything_but_the_poll_is_shown_as_sent(tmp_path: Path, poll: str) -> None:
    work = drafted(tmp_path, poll)
    shown = admin_mail(work.app)
    assert work.send().code == 0
    sent = admin_mail(work.app)
    assert (shown == sent) is not bool(poll)
    for more, less in pairs(shown, sent):
        inserted = what_was_put_in(more, less)
        assert (QUESTION in inserted) is bool(poll)


def pairs(shown: OpenedMessage, sent: OpenedMessage) -> list[tuple[str, str]]:
    assert plain_headers(shown) == plain_headers(sent)
    return [(shown.html, sent.html), (shown.text, sent.text)]


def plain_headers(mail: OpenedMessage) -> list[tuple[str, str]]:
    # The boundary is a hash of the parts.
    return [(name, value) for name, value in mail.headers if name != "Content-Type"]


def what_was_put_in(more: str, less: str) -> str:
    """Return the one part of `more` without which it equals `less`, byte for byte."""
    start = next(
        (at for at, both in enumerate(zip(more, less, strict=False)) if both[0] != both[1]),
        len(less),
    )
    end = len(more) - (len(less) - start)
    assert more[:start] + more[end:] == less
    return more[start:end]
