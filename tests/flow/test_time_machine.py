"""Any week, as any subscriber: the preview equals the sent mail and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.store.tables import variants
from tests.support.desk_work import NOW, Desk
from tests.support.project import Result

#: A Wednesday of week 40, with no edition in it.
OLD = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)
PIECES = variants.c.pieces


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return an edition that is being sent, for subscribers of one section and of both."""
    work = Desk.open(tmp_path)
    work.add_post("An old mill burns", "News", at=OLD)
    work.add_post("An old match is lost", "Sport", at=OLD)
    work.add_subscribers(1)
    work.add_subscribers(1, first=1, categories=("Sport",))
    work.add_post("A bridge is mended", "News")
    work.add_post("A match is won", "Sport")
    work.compose(now=NOW)
    return work


def preview(work: Desk, *arguments: str) -> Result:
    before = work.dump()
    folder = str(work.project.folder / "preview")
    result = work.run("preview", "--out", folder, "--json", *arguments)
    assert work.dump() == before
    return result


def text_of(result: Result) -> str:
    assert result.code == 0, result.err
    return Path(result.data["files"]["text"]).read_text("utf-8")


def sent_text(work: Desk, recipient: str) -> str:
    for path in (work.project.folder / "out").glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if message["To"] == recipient:
            body = message.get_body(("plain",))
            assert body is not None
            return str(body.get_content()).replace("\r\n", "\n")
    raise LookupError(recipient)


def without_links(text: str) -> list[str]:
    """Remove personal values: links with tokens, the day of joining."""
    return [
        line
        for line in text.splitlines()
        if not line.startswith(("https://hill.example.org/", "on "))
    ]


def test_a_draft_is_shown_as_a_subscriber_will_get_it(work: Desk) -> None:
    whole, sport = text_of(preview(work)), text_of(preview(work, "--as", "subscriber1@example.net"))
    assert "A bridge is mended" in whole
    assert "A match is won" in whole
    assert ("A bridge is mended" in sport, "A match is won" in sport) == (False, True)
    assert "subscriber1@example.net" in sport


@pytest.mark.parametrize("is_purged", [False, True])
def test_a_sent_mail_is_shown_as_it_was_and_its_personal_links_are_dead(
    work: Desk, *, is_purged: bool
) -> None:
    assert work.send().code == 0
    if is_purged:
        with work.app.database.write() as connection:
            connection.execute(update(variants).values(pieces=None))
    shown = text_of(preview(work, "1", "--as", "subscriber1@example.net"))
    assert without_links(shown) == without_links(sent_text(work, "subscriber1@example.net"))
    assert "/u/sample" in shown


def test_a_week_without_an_edition_is_composed_from_its_posts(work: Desk) -> None:
    result = preview(work, "--week", "2026-W40")
    text = text_of(result)
    assert result.data["edition"] is None
    assert ("An old mill burns" in text, "A bridge is mended" in text) == (True, False)
    sport = text_of(preview(work, "--week", "2026-W40", "--as", "subscriber1@example.net"))
    assert ("An old mill burns" in sport, "An old match is lost" in sport) == (False, True)


def test_a_week_with_an_edition_shows_that_one(work: Desk) -> None:
    week = datetime.fromisoformat(work.edition().local_at).strftime("%G-W%V")
    assert preview(work, "--week", week).data["edition"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--week", "2026-W01"), 3, "too few posts; at least 1 needed"),
        (("--week", "2026-W60"), 2, "must be an ISO week"),
        (("--week", "October"), 2, "must be an ISO week"),
        (("1", "--week", "2026-W40"), 2, "exclude each other"),
        (("--as", "nobody@example.net"), 2, "newsletter weekly: no subscriber has this address"),
    ],
)
def test_a_preview_that_is_not_possible_is_explained(
    work: Desk, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = preview(work, *arguments)
    assert (result.code, words in result.err) == (code, True)


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"paused_until": datetime(2099, 1, 1, tzinfo=UTC)}, "paused until 2099-01-01"),
        ({"categories": ("Chess",)}, "no new story for this subscriber"),
    ],
)
def test_a_subscriber_without_mail_is_explained(
    work: Desk, chosen: dict[str, object], why: str
) -> None:
    work.add_subscribers(1, first=2, **chosen)
    result = preview(work, "--as", "subscriber2@example.net")
    assert (result.code, why in result.err) == (3, True)
