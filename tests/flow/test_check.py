"""`digest check` and the parts it leaves out, for the operator and for subscribers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from digest.letter.printing.opened import open_message
from digest.newsroom.desk import Desk as DeskReader
from digest.store.tables import editions
from tests.support.desk_work import Desk

WORDS = "The council met again on Tuesday to talk about the mill and what it may cost the town."
SAID = "I drove one of those engines for eleven years, and the map was never the hard part."
QUOTE = {
    "comment_id": 7,
    "name": "Ruth",
    "text": SAID,
    "url": "",
    "reason": {"code": "best", "text": "the fullest"},
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a draft of two stories, and two subscribers."""
    work = Desk.open(tmp_path)
    work.add_post("A bridge is mended")
    work.add_post("A mill turns again")
    work.add_subscribers(2)
    work.compose()
    rewrite(work, excerpt=WORDS)
    return work


def rewrite(desk: Desk, **changes: Any) -> None:
    """Change these values of every story of the draft."""
    edition = json.loads(desk.edition().snapshot)
    for story in edition["stories"]:
        story |= changes
    with desk.app.database.write() as connection:
        connection.execute(update(editions).values(snapshot=json.dumps(edition)))


def written(desk: Desk) -> str:
    """Return all sent mails, parsed."""
    files = sorted((desk.project.folder / "out").rglob("*.eml"))
    assert files
    return "".join(open_message(path.read_bytes()).html for path in files)


def test_a_sound_edition_passes(desk: Desk) -> None:
    checked = desk.run("check", "--json")
    assert (checked.code, checked.data["left_out"], checked.data["trimmed"]) == (0, [], [])
    assert not any(finding["is_error"] for finding in checked.data["findings"])


def test_warnings_fail_a_strict_check_alone(desk: Desk) -> None:
    rewrite(desk, excerpt="Too short to be cut…")
    assert "E16" in desk.run("check").out
    tried = desk.run("send", "--dry-run", "--json")
    assert (tried.code, {each["rule"] for each in tried.data["findings"]}) == (0, {"E16"})
    assert "E16" in desk.run("send", "--dry-run").out
    assert (desk.run("check").code, desk.run("check", "--strict").code) == (0, 1)


def test_an_error_of_the_whole_mail_fails_the_check_and_holds_the_edition(desk: Desk) -> None:
    stored = json.loads(desk.edition().snapshot)
    stored["masthead"]["home_url"] = "nowhere"
    with desk.app.database.write() as connection:
        connection.execute(update(editions).values(snapshot=json.dumps(stored)))
    checked = desk.run("check", "--json")
    errors = [each for each in checked.data["findings"] if each["is_error"]]
    assert (checked.code, {each["rule"] for each in errors}) == (1, {"E05"})
    tried = desk.run("send", "--dry-run")
    assert (tried.code, "E05   error" in tried.out) == (1, True)
    assert "is blocked by 1 error; without, it would be sent to" in tried.out
    assert desk.send().code == 4


def test_a_faulty_part_is_left_out_with_its_reason(desk: Desk) -> None:
    rewrite(desk, image_url="https://hill.example.org/a.svg", image_alt="A hill")
    assert "Left out: image of A bridge is mended (E07" in desk.run("check").out
    assert desk.send().code == 0
    assert "A bridge is mended" in written(desk)
    assert "a.svg" not in written(desk)
    assert '"code":"E07"' in desk.edition().snapshot


def test_a_deleted_comment_is_not_quoted(desk: Desk) -> None:
    rewrite(desk, quotes=[QUOTE])
    left_out = desk.run("check", "--json").data["left_out"]
    assert {(each["part"], each["reason"]["code"]) for each in left_out} == {("quote:7", "E17")}
    assert desk.send().code == 0
    assert "Ruth" not in written(desk)


def test_the_preview_shows_a_draft_as_it_will_go_and_why(desk: Desk) -> None:
    rewrite(desk, author="[author_box]")
    seen = DeskReader(desk.app)
    page = seen.find_edition(1)
    assert page is not None
    assert [story.mended[0].code for story in page.edition.stories] == ["E04", "E04"]
    mail = seen.read_mail(1, page.variants[0].key)
    assert mail is not None
    assert "author_box" not in mail.html
    assert desk.run("preview", "--out", str(desk.project.folder / "seen")).code == 0
    shown = (desk.project.folder / "seen" / "edition-1.html").read_text("utf-8")
    assert "author_box" not in shown


def test_cuts_for_lack_of_room_are_reported(desk: Desk) -> None:
    edition = json.loads(desk.edition().snapshot)
    edition["masthead"]["intro"] = [f"{WORDS} " * 1000]
    edition["stories"] = [
        story | {"excerpt": f"{WORDS} {WORDS}", "quotes": []} for story in edition["stories"]
    ]
    with desk.app.database.write() as connection:
        connection.execute(update(editions).values(snapshot=json.dumps(edition)))
    (trimmed,) = desk.run("check", "--json").data["trimmed"]
    assert trimmed["trims"] == ["2 excerpts cut to 30 words"]
    assert "Cut to" in desk.run("check").out
    page = DeskReader(desk.app).find_edition(1)
    assert page is not None
    assert "excerpts cut" in "".join(finding.text for finding in page.variants[0].findings)
