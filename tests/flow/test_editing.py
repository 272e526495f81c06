"""Editing a draft with the real commands."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from digest.composer.snapshot import edition_from_json
from digest.models import Edition
from tests.support.desk_work import Desk


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft of three posts, numbered 1 to 3, and two subscribers."""
    work = Desk.open(tmp_path)
    for title in ("A bridge is mended", "A mill turns again", "A ferry is late"):
        work.add_post(title)
    work.add_subscribers(2)
    work.compose()
    return work


def edition(work: Desk, edition_id: int = 1) -> Edition:
    return edition_from_json(work.edition(edition_id).snapshot)


def order(work: Desk, edition_id: int = 1) -> list[int]:
    return [story.post_id for story in edition(work, edition_id).stories]


def mailed(work: Desk) -> list[Any]:
    """Send; return the mails of the newest edition."""
    assert work.send().code == 0
    found = sorted((work.project.folder / "out").rglob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def test_pins_come_first_in_the_given_order_until_they_are_reset(work: Desk) -> None:
    before = order(work)
    assert work.run("compose", "--pin", "3", "--pin", "2").code == 0
    assert order(work) == [3, 2, 1]
    work.compose()
    assert order(work) == [3, 2, 1]
    work.run("compose", "--reset", "3", "--reset", "2")
    assert order(work) == before


def test_explain_shows_the_numbers_and_the_reasons_of_the_editor(work: Desk) -> None:
    told = work.run("compose", "--pin", "2", "--drop", "1", "--next", "3", "--explain").out
    assert "1. A mill turns again [News] (post 2)" in told
    assert "pinned by an editor; new in News" in told
    assert "dropped by an editor" in told
    assert "kept for next time by an editor" in told
    reasons = {each.post_id: each.reason.code for each in edition(work).omitted}
    assert reasons == {1: "dropped", 3: "next-time"}


def test_a_dropped_post_never_comes_and_one_kept_comes_next_time(work: Desk) -> None:
    work.run("compose", "--drop", "1", "--next", "3")
    first = {str(mail["Subject"]) for mail in mailed(work)}
    assert first == {"A mill turns again"}
    work.add_post("A well is dug")
    work.compose()
    assert sorted(story.title for story in edition(work, 2).stories) == [
        "A ferry is late",
        "A well is dug",
    ]
    kept = next(story for story in edition(work, 2).stories if story.post_id == 3)
    assert kept.reason.text.endswith("kept for this time by an editor")
    assert work.send().code == 0
    assert work.run("compose").code == 3


def test_typed_lines_are_mailed_and_survive_a_refresh(work: Desk) -> None:
    work.run(
        "compose", "--pin", "2", "--subject", "The mill ", "--preheader", "It turns, and turns",
        "--intro", "Good morning.", "--intro", "It rained.",
    )  # fmt: skip
    work.add_post("A well is dug")
    work.compose()
    assert edition(work).typed_for == 2
    mail = mailed(work)[0]
    assert str(mail["Subject"]) == "The mill"
    html = mail.get_body(("html",)).get_content()
    for words in ("It turns, and turns", "Good morning.", "It rained."):
        assert words in html


def test_typed_lines_are_unused_while_another_story_leads(work: Desk) -> None:
    work.run("compose", "--pin", "2", "--subject", "The mill")
    told = work.run("compose", "--reset", "2", "--pin", "3").out
    assert "for post 2, which no longer leads" in told
    assert work.run("diff", "1", "1", "--json").data["subject"]["after"].startswith("A ferry")
    work.run("compose", "--reset", "3", "--pin", "2")
    assert work.run("diff", "1", "1", "--json").data["subject"]["after"] == "The mill"


def test_an_empty_line_goes_back_to_the_rule(work: Desk) -> None:
    work.run("compose", "--subject", "The mill", "--intro", "Good morning.")
    work.run("compose", "--subject", "", "--intro", "")
    assert (edition(work).subject, edition(work).masthead.intro) == ("", ())


def test_typed_lines_belong_to_one_edition(work: Desk) -> None:
    work.run("compose", "--subject", "The mill", "--intro", "Good morning.")
    work.send()
    work.add_post("A well is dug")
    work.compose()
    after = edition(work, 2)
    assert (after.subject, after.typed_for, after.masthead.intro) == ("", 0, ())
    assert after.last_subject == "The mill"
    assert after.last_preheader


def test_an_order_voids_an_approval(tmp_path: Path) -> None:
    work = Desk.open(tmp_path, review="required")
    work.add_post("A bridge is mended")
    work.add_post("A mill turns again")
    work.add_subscribers(1)
    work.compose()
    work.run("approve")
    work.run("compose", "--drop", "1")
    assert (work.edition().state, work.edition().is_edited) == ("draft", True)
    assert work.send().code == 4


def test_a_draft_without_stories_is_withdrawn(work: Desk) -> None:
    done = work.run("compose", "--drop", "1", "--drop", "2", "--drop", "3")
    assert (done.code, work.edition().state) == (3, "cancelled")
    assert work.send().code == 3
    work.add_post("A well is dug")
    work.compose()
    assert order(work, 2) == [4]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pin", "99"), "Post 99 does not exist"),
        (("--pin", "1", "--drop", "1"), "post 1: named twice"),
        (("--subject", "x" * 151), "the subject has 151 characters; shorten it to at most 150"),
    ],
)
def test_contradictory_orders_change_nothing(
    work: Desk, arguments: tuple[str, ...], words: str
) -> None:
    before = work.dump()
    refused = work.run("compose", *arguments)
    assert refused.code == 2
    assert words in refused.err
    assert work.dump() == before


def test_orders_without_effect_are_reported(work: Desk) -> None:
    work.send()
    work.add_post("A well is dug")
    told = work.run("compose", "--pin", "1", "--next", "2").out
    assert "Post 1 is not among the new stories" in told
    assert "Post 2 is not new in this edition" in told


def test_the_difference_of_two_editions_shows_lines_and_greeting(work: Desk) -> None:
    work.send()
    work.add_post("A well is dug")
    work.run("compose", "--subject", "The well", "--intro", "Good morning.")
    found = work.run("diff", "1", "2", "--json").data
    assert found["subject"]["after"] == "The well"
    assert found["intro"] == {"before": "", "after": "Good morning."}
    assert found["preheader"]["before"] != found["preheader"]["after"]
    shown = work.run("diff", "1", "2").out
    assert "Intro" in shown
    assert "+ The well" in shown


# --- as at the desk -----------------------------------------------------------------------------


def test_the_terminal_moves_promotes_and_puts_back(work: Desk) -> None:
    done = work.run("compose", "--move", "3=1")
    assert "Moved “A ferry is late”, place 1." in done.out
    assert order(work) == [1, 3, 2]
    work.run("compose", "--lead", "2")
    assert order(work) == [2, 3, 1]
    work.run("compose", "--move", "3=Sport")
    story = next(each for each in edition(work).stories if each.post_id == 3)
    assert story.section == "Sport"
    work.run("compose", "--unmark", "2")
    assert order(work)[0] == 1


def test_the_terminal_undoes_changes_and_makes_them_again(work: Desk) -> None:
    before = order(work)
    work.run("compose", "--drop", "1", "--title", "2=Mill!")
    undone = work.run("compose", "--undo")
    assert "Undone: dropped “A bridge is mended”, changed the title of" in undone.out
    assert order(work) == before
    assert work.run("compose", "--undo").code == 3
    assert "Done again: dropped" in work.run("compose", "--redo").out
    assert order(work) == [2, 3]
    assert edition(work).stories[0].title == "Mill!"


def test_the_terminal_asks_a_poll_of_its_own(work: Desk) -> None:
    work.run("compose", "--poll", "Which way?", "--answer", "Left", "--answer", "Right")
    poll = edition(work).masthead.poll
    assert poll is not None
    assert poll.choices == ("Left", "Right")
    work.run("compose", "--no-poll")
    assert edition(work).masthead.poll is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--move", "x"), "must begin with a post ID"),
        (("--move", "x=1"), "must be a number"),
        (("--title", "1"), "must begin with a post ID"),
        (("--title", "99=New"), "Post 99 does not exist"),
        (("--quote", "1=99"), "post 1: it has no comment 99"),
        (("--trim", "1=x"), "must be POST/ID=TEXT"),
        (("--answer", "Left"), "needs a question"),
        (("--poll", "Which?", "--answer", "Left"), "give it two to five answers"),
        (("--poll", "Which?", "--no-poll"), "contradict each other"),
        (("--undo", "--drop", "1"), "stand alone"),
        (("--lead", "1", "--drop", "1"), "post 1: named twice"),
    ],
)
def test_values_that_make_no_sense_are_one_clear_line(
    work: Desk, arguments: tuple[str, ...], words: str
) -> None:
    before = work.dump()
    done = work.run("compose", *arguments)
    assert (done.code, words in done.err) == (2, True)
    assert "\n" not in done.err.strip()
    assert work.dump() == before
