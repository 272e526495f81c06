"""The comments below a story through the API: the facts of the desk, and an editor's decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from digest.models.admins import Role
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
