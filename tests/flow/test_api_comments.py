"""Comments through the API: the facts of the desk, and an editor's decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from digest.models.admins import Role
from digest.store.tables import audit
from tests.support.api_client import Program, make_token
from tests.support.composing_desk import open_draft
from tests.support.desk_visitor import open_desk

_PATH = "/editions/1/stories/1/comments"


def test_a_program_reads_and_decides_the_comments_of_a_story(tmp_path: Path) -> None:
    work = open_draft(tmp_path)
    with open_desk(work.app) as site:
        editor = Program(site, make_token(work.app, Role.EDITOR))

        def read() -> dict[str, Any]:
            found: dict[str, Any] = editor.get(_PATH)
            return found

        def states() -> dict[str, str]:
            return {each["name"]: each["state"] for each in read()["comments"]}

        first = read()
        assert first["is_open"] is True
        assert all(each["reason"] for each in first["comments"])
        assert states()["Held Hand"] == "held"
        ids = {each["name"]: each["id"] for each in first["comments"]}
        (quoted, *_) = [each for each in first["comments"] if each["state"] == "quoted"]
        free = next(each for each in first["comments"] if each["state"] == "free")

        swap = {"version": first["version"], "how": "swap", "instead_of": quoted["id"]}
        assert "quote" in editor.post(f"{_PATH}/{free['id']}/pick", **swap)["said"].lower()
        assert (states()[free["name"]], states()[quoted["name"]]) == ("quoted", "free")
        assert read()["is_picked"] is True
        assert editor.refused(f"{_PATH}/{free['id']}/pick", body=swap)[0] == 409

        editor.post(f"{_PATH}/{ids['Held Hand']}/release")
        assert states()["Held Hand"] == "quoted"
        editor.post(f"{_PATH}/{ids['Held Hand']}/refuse")
        assert states()["Held Hand"] == "refused"
        editor.post(f"{_PATH}/{ids['Held Hand']}/forget")
        assert states()["Held Hand"] == "held"

        for path in (f"{_PATH}/99/release", "/editions/1/stories/2/comments/1/refuse"):
            assert editor.refused(path)[0] == 404, path
        assert editor.refused("/editions/1/stories/99/comments", "GET")[0] == 404
        viewer = Program(site, make_token(work.app, Role.VIEWER))
        assert viewer.get(_PATH)["comments"]
        assert viewer.refused(f"{_PATH}/{free['id']}/pick", body=swap)[0] == 403


def test_a_program_excludes_a_person_and_takes_that_back(tmp_path: Path) -> None:
    work = open_draft(tmp_path)
    with open_desk(work.app) as site:
        editor = Program(site, make_token(work.app, Role.EDITOR, "reader"))
        quoted = next(
            each["name"] for each in editor.get(_PATH)["comments"] if each["state"] == "quoted"
        )
        assert work.run("approve", "1").code == 0
        person = {"name": f"  {quoted.upper()} ", "newsletter": "weekly"}
        assert editor.post("/never-quoted", **person) == {"changed": [1], "void": [1]}
        (found,) = editor.get("/never-quoted", newsletter="weekly")["people"]
        assert (found["name"], found["newsletter"]) == (quoted.upper(), "weekly")
        assert (found["added_by"], found["added_at"] is None) == ("anna", False)
        assert quoted not in {
            each["name"] for each in editor.get(_PATH)["comments"] if each["state"] == "quoted"
        }
        assert editor.refused("/never-quoted", body=person)[0] == 409

        viewer = Program(site, make_token(work.app, Role.VIEWER))
        assert viewer.get("/never-quoted")["people"] == [found]
        assert viewer.refused("/never-quoted/remove", body=person)[0] == 403

        everywhere = {"name": quoted}
        status, problem = editor.refused("/never-quoted/remove", body=everywhere)
        assert (status, "weekly" in problem["error"] + problem["do"]) == (409, True)
        assert editor.post("/never-quoted/remove", **person) == {"changed": [], "void": []}
        assert editor.get("/never-quoted")["people"] == []
    with work.app.database.read() as connection:
        rows = connection.execute(
            select(audit.c.actor, audit.c.token, audit.c.action, audit.c.newsletter)
            .where(audit.c.action.in_(("never quote", "quote again")))
            .order_by(audit.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("anna", "reader", "never quote", "weekly"),
        ("anna", "reader", "quote again", "weekly"),
    ]


def test_who_is_nobody_in_particular_or_of_no_newsletter_is_refused(tmp_path: Path) -> None:
    work = open_draft(tmp_path)
    with open_desk(work.app) as site:
        editor = Program(site, make_token(work.app, Role.EDITOR))
        for status, body in (
            (422, {"name": "guest"}),
            (422, {"name": ""}),
            (422, {"name": "x" * 201}),
            (422, {"newsletter": "weekly"}),
            (404, {"name": "Tom Baker", "newsletter": "daily"}),
        ):
            assert editor.refused("/never-quoted", body=body)[0] == status, body
        assert editor.refused("/never-quoted?newsletter=daily", "GET")[0] == 404
        assert editor.get("/never-quoted")["people"] == []
