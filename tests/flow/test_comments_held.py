"""`digest comments held` and the decisions of editors, run as real commands."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from digest.composer.snapshot import edition_from_json
from digest.errors import NothingToDo
from digest.models import Actor, CommentKind, ParsedComment, SourceKind
from digest.pipeline import compose as composing
from digest.pipeline.judging import judge_comments
from digest.readers.responses.merge import changes_of
from digest.store import comment_sources, comments
from digest.store.audit import entries_of
from digest.store.tables import audit, posts
from digest.store.tables import comments as comment_rows
from tests.support.desk_work import NOW, Desk

CIVIL = (
    "The bridge was closed for eleven weeks, and the ferry company lost half of its winter"
    " income; my brother works there and showed me the figures."
)
SHOUTED = (
    "THE BRIDGE WAS CLOSED FOR ELEVEN WEEKS AND NOBODY IN THE COUNCIL ASKED THE FERRY COMPANY"
    " WHAT IT MEANT FOR THE MEN WHO WORK THERE."
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a post with a civil comment (1), a shouted one (2) and one held by the site (3)."""
    work = Desk.open(tmp_path, review="required")
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    read(work, comment("a", "Ruth Adeyemi", CIVIL), comment("b", "Bob Hale", SHOUTED))
    read(
        work,
        comment("a", "Ruth Adeyemi", CIVIL),
        comment("b", "Bob Hale", SHOUTED),
        comment("c", "Zoe Lind", f"{CIVIL} The bridge keeper told me so."),
    )
    with work.app.database.write() as connection:
        connection.execute(update(comment_rows).where(comment_rows.c.id == 3).values(held=True))
    return work


def comment(external_id: str, author: str, text: str) -> ParsedComment:
    return ParsedComment(
        external_id=external_id,
        parent_id="",
        author=author,
        posted_at=NOW,
        text=text,
        kind=CommentKind.COMMENT,
    )


def read(work: Desk, *listed: ParsedComment) -> None:
    """Store a complete reading of the comments below the post."""
    with work.app.database.write() as connection:
        post_id = connection.scalars(select(posts.c.id)).one()
        source = comment_sources.open_source(
            connection, post_id, SourceKind.FEED, "https://hill.example.org/comments"
        )
        known = comments.known_at(connection, post_id)
        changes = changes_of(source, listed, known, is_complete=True)
        comments.save_changes(connection, source, changes, now=NOW)


def held(work: Desk, *arguments: str) -> dict[int, tuple[bool, str | None]]:
    """Return, by id, whether each listed comment is held, and what was decided."""
    done = work.run("comments", "held", "--json", *arguments)
    assert done.code == 0
    return {each["id"]: (each["is_held"], each["decision"]) for each in done.data["comments"]}


def quoted(work: Desk) -> list[str]:
    (story,) = edition_from_json(work.edition().snapshot).stories
    return [quote.name for quote in story.quotes]


def test_held_and_borderline_comments_are_listed_with_their_reasons(desk: Desk) -> None:
    assert held(desk) == {2: (False, None), 3: (True, None)}
    shown = desk.run("comments", "held").out
    assert "A bridge is mended (weekly)" in shown
    assert "2  Bob Hale" in shown
    assert "borderline: " in shown
    assert "held: waits for an editor" in shown
    assert "Ruth" not in shown


def test_a_released_comment_may_be_quoted_and_a_refused_one_may_not(desk: Desk) -> None:
    desk.compose()
    assert quoted(desk) == ["Ruth Adeyemi"]
    assert desk.run("comments", "refuse", "1").code == 0
    assert quoted(desk) == []
    assert "Released: 1 comment." in desk.run("comments", "release", "2").out
    desk.compose()
    assert quoted(desk) == ["Bob Hale"]
    desk.run("comments", "refuse", "2")
    desk.run("comments", "release", "3")
    desk.compose()
    assert quoted(desk) == ["Zoe Lind"]
    assert held(desk) == {}
    assert held(desk, "--all") == {
        1: (False, "refused"),
        2: (False, "refused"),
        3: (False, "released"),
    }


def test_a_refusal_is_final_until_it_is_taken_back(desk: Desk) -> None:
    desk.run("comments", "refuse", "1")
    desk.compose()
    assert quoted(desk) == []
    desk.run("comments", "reset", "1")
    desk.compose()
    assert quoted(desk) == ["Ruth Adeyemi"]


def test_a_released_comment_that_changes_is_listed_again(desk: Desk) -> None:
    desk.run("comments", "release", "2")
    read(desk, comment("b", "Bob Hale", f"{SHOUTED} LIARS!"))
    assert held(desk) == {2: (True, "changed")}
    assert "it changed after it was released" in desk.run("comments", "held").out
    desk.compose()
    assert quoted(desk) == []


def test_a_refusal_takes_the_comment_out_of_an_approved_draft_and_voids_the_approval(
    desk: Desk,
) -> None:
    desk.compose()
    desk.run("approve")
    done = desk.run("comments", "refuse", "1")
    assert "its approval is void: run `digest approve 1` again" in done.out
    assert (desk.edition().state, desk.edition().approved_hash, quoted(desk)) == ("draft", "", [])
    with desk.app.database.read() as connection:
        actions = [entry.action for entry in entries_of(connection, 1)]
    assert actions[-1] == "withdraw quotes"


def test_a_paused_draft_stays_paused_without_the_refused_comment(desk: Desk) -> None:
    desk.compose()
    desk.run("pause", "1")
    desk.run("comments", "refuse", "1")
    assert (desk.edition().state, quoted(desk)) == ("paused", [])


def test_a_person_is_never_quoted_until_allowed_again(desk: Desk) -> None:
    desk.compose()
    done = desk.run("comments", "never-quote", " ruth  ADEYEMI")
    assert (done.code, quoted(desk)) == (0, [])
    desk.compose()
    assert quoted(desk) == []
    assert desk.run("comments", "release", "1").code == 0
    desk.compose()
    assert quoted(desk) == []
    assert desk.run("comments", "never-quote", "Ruth Adeyemi").code == 3
    assert desk.run("comments", "quote-again", "Ruth Adeyemi").code == 0
    desk.compose()
    assert quoted(desk) == ["Ruth Adeyemi"]


def test_a_person_who_is_excluded_while_a_draft_is_composed_is_not_quoted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge_slowly(*args: Any, **options: Any) -> Any:
        with suppress(NothingToDo):
            desk.app.newsroom.comments.never_quote("Ruth Adeyemi", by=Actor(name="anna"))
        return judge_comments(*args, **options)

    monkeypatch.setattr(composing, "judge_comments", judge_slowly)
    desk.compose()
    assert quoted(desk) == []


def test_people_are_listed_with_those_of_the_configuration(desk: Desk) -> None:
    desk.project.change_config(
        'review = "required"', 'review = "required"\npolicy = {no_quote = ["Abe"]}'
    )
    desk.run("comments", "never-quote", "Zoe Lind", "--newsletter", "weekly")
    listed = desk.run("comments", "never-quoted", "--json").data["people"]
    assert [(each["name"], each["newsletter"], bool(each["added_by"])) for each in listed] == [
        ("Abe", "weekly", False),
        ("Zoe Lind", "weekly", True),
    ]
    assert "the configuration (no_quote)" in desk.run("comments", "never-quoted").out
    wrong = desk.run("comments", "quote-again", "zoe lind")
    assert (wrong.code, "quote-again NAME --newsletter weekly" in wrong.err) == (3, True)
    fixed = desk.run("comments", "quote-again", "abe")
    assert (fixed.code, "policy.no_quote" in fixed.err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("release", "99"), 2, "Comment 99 does not exist; see the ids in `digest comments held`."),
        (("refuse", "99999999999999999999"), 2, "does not exist"),
        (("refuse", "-1"), 2, ""),
        (("never-quote", "Anonymous"), 2, "names no person in particular"),
        (("never-quote", " "), 2, "names no person in particular"),
        (("never-quote", "x" * 300), 2, "at most 200"),
        (("never-quote", "Abe", "--newsletter", "monthly"), 2, "monthly"),
        (("quote-again", "Abe"), 3, "not excluded"),
        (("held", "--newsletter", "monthly"), 2, "monthly"),
    ],
)
def test_wrong_use_ends_with_one_clear_line(
    desk: Desk, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = desk.run("comments", *arguments)
    assert done.code == code
    assert words in done.err
    with desk.app.database.read() as connection:
        assert connection.scalars(select(audit.c.id)).all() == []
