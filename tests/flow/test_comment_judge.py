"""A newsletter's own judge of comments, installed as a package is, with the real commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.composer.snapshot import edition_from_json
from digest.models import CommentKind, ParsedComment, SourceKind
from digest.readers.responses.merge import changes_of
from digest.store import comment_sources, comments
from tests.support.desk_work import NOW, Desk

RUTH = (
    "The bridge was closed for eleven weeks, and the ferry company lost half of its winter income"
    " because the two northern piers had sunk; my brother works there and showed me the figures of"
    " the county."
)
BOB = (
    "I measured the bridge for the county in 1998, and the two northern piers had sunk by four"
    " centimetres even then, because the ferry company had dredged the channel beside them every"
    " winter."
)
#: Counts its questions in a file; its answer is in another one.
JUDGE = """
from pathlib import Path
from digest.models import Verdict, VerdictKind

HERE = Path(__file__).parent

def judge(comments):
    with (HERE / "asked").open("a") as asked:
        asked.writelines(f"{each.author}: {each.post_title}\\n" for each in comments)
    return eval((HERE / "answer").read_text())
"""
PRINT = "[Verdict(kind=VerdictKind.PRINT)] * len(comments)"


class House:
    """A newsletter with two civil comments below one post, and its own judge."""

    def __init__(self, desk: Desk, package: Path) -> None:
        self.desk, self._package = desk, package

    def answers(self, expression: str) -> None:
        (self._package / "answer").write_text(expression)

    @property
    def asked(self) -> list[str]:
        file = self._package / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def read(self, *listed: tuple[str, str]) -> None:
        """Store a complete reading of the comments below the post."""
        with self.desk.app.database.write() as connection:
            source = comment_sources.open_source(
                connection, 1, SourceKind.FEED, "https://hill.example.org/comments"
            )
            parsed = [
                ParsedComment(
                    external_id=name,
                    parent_id="",
                    author=name,
                    posted_at=NOW,
                    text=text,
                    kind=CommentKind.COMMENT,
                )
                for name, text in listed
            ]
            known = comments.known_at(connection, 1)
            changes = changes_of(source, parsed, known, is_complete=True)
            comments.save_changes(connection, source, changes, now=NOW)

    def compose(self) -> tuple[list[str], str]:
        """Compose; return the names quoted, and what the command said."""
        done = self.desk.run("compose")
        assert done.code == 0
        (story,) = edition_from_json(self.desk.edition().snapshot).stories
        return sorted(quote.name for quote in story.quotes), done.out + done.err


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    package = tmp_path / "site"
    info = package / "house_judge-1.0.dist-info"
    info.mkdir(parents=True)
    (package / "house_judge.py").write_text(JUDGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-judge\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[digest.comment_judge]\nhouse = house_judge:judge\n")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.delitem(__import__("sys").modules, "house_judge", raising=False)
    desk = Desk.open(tmp_path)
    desk.project.change_config('review = "auto"', 'review = "auto"\npolicy = {judge = "house"}')
    desk.add_post("A bridge is mended")
    house = House(desk, package)
    house.read(("Ruth", RUTH), ("Bob", BOB))
    return house


def test_what_the_judge_lets_pass_is_quoted_and_nobody_is_asked_about_twice(house: House) -> None:
    house.answers(PRINT)
    assert house.compose()[0] == ["Bob", "Ruth"]
    asked = ["Bob: A bridge is mended", "Ruth: A bridge is mended"]
    assert sorted(house.asked) == asked
    assert house.compose()[0] == ["Bob", "Ruth"]
    assert sorted(house.asked) == asked


def test_what_the_judge_holds_or_refuses_is_not_quoted_and_an_editor_may_release_it(
    house: House,
) -> None:
    house.answers(
        "[Verdict(kind=VerdictKind.HOLD if each.author == 'Bob' else VerdictKind.REFUSE,"
        " reason='a named official') for each in comments]"
    )
    assert house.compose()[0] == []
    shown = house.desk.run("comments", "held").out
    assert "held: held by house: a named official" in shown
    assert "Ruth" not in shown
    house.desk.run("comments", "release", "2")
    assert house.compose()[0] == ["Bob"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("1 / 0", "failed (ZeroDivisionError: division by zero)"),
        ("[]", "gave 0 verdicts about 2 comments"),
        ("None", "gave an answer that is not a list of verdicts"),
        ("['print', 'print']", "gave an answer that is not a list of verdicts"),
        ("[Verdict(kind='yes')] * 2", "failed (ValueError: 'yes' is not a valid VerdictKind)"),
    ],
)
def test_a_judge_that_fails_holds_the_comments_with_one_clear_line(
    house: House, answer: str, words: str
) -> None:
    house.answers(answer)
    quoted, said = house.compose()
    assert quoted == []
    line = f"newsletter weekly: the judge of comments house {words}; comments held: 2"
    assert said.count("the judge of comments") == 1
    assert line in said
    shown = house.desk.run("comments", "held").out
    assert shown.count("held: not judged by house") == 2
    house.answers(PRINT)
    assert house.compose()[0] == ["Bob", "Ruth"]


def test_a_changed_comment_is_judged_again(house: House) -> None:
    house.answers(PRINT)
    house.compose()
    house.read(("Ruth", RUTH), ("Bob", f"{BOB} I have the papers still."))
    house.compose()
    assert house.asked[2:] == ["Bob: A bridge is mended"]


def test_comments_that_the_gate_refuses_are_not_shown_to_the_judge(house: House) -> None:
    house.read(("Ruth", RUTH), ("Bob", "You fucking idiot, I hope that you fall off that bridge."))
    house.answers(PRINT)
    assert house.compose()[0] == ["Ruth"]
    assert house.asked == ["Ruth: A bridge is mended"]


def test_no_judge_is_asked_unless_it_is_configured(house: House) -> None:
    house.desk.project.change_config('policy = {judge = "house"}', "")
    house.answers("1 / 0")
    assert house.compose()[0] == ["Bob", "Ruth"]
    assert house.asked == []


def test_an_unknown_judge_is_an_error_of_the_configuration_that_names_the_installed_ones(
    house: House,
) -> None:
    house.desk.project.change_config('judge = "house"', 'judge = "hose"')
    done = house.desk.run("config", "check")
    assert done.code == 2
    assert "[[newsletters]] weekly: policy.judge: 'hose' is not installed; use one of" in done.err
    assert "house" in done.err.partition("use one of")[2]
