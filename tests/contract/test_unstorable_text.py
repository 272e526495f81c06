"""Text that a database refuses is refused at the door: PostgreSQL stores no NUL in any text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.models.admins import Role
from tests.support.api_client import Program, make_token
from tests.support.databases import database_url
from tests.support.desk_forms import Forms, words_of
from tests.support.desk_visitor import open_desk
from tests.support.desk_work import Desk

_FORMS: Mapping[str, Mapping[str, str]] = {
    "/subscribers/1": {"name": "An\0na"},
    "/subscribers/1/suppress": {"reason": "manual", "note": "a\0b"},
    "/subscribers/add": {"address": "zo\0e@example.net"},
    "/editions/1/compose/lines": {"subject": "A bri\0dge"},
    "/editions/1/compose/intro": {"intro": "Good\0bye"},
    "/editions/1/sending/pause": {"reason": "wro\0ng"},
    "/comments/never-quote": {"name": "An\0na"},
    "/settings/tokens": {"name": "night\0ly", "role": "viewer"},
}
_BODIES: Mapping[str, Mapping[str, Any]] = {
    "/subscribers/find": {"text": "A@"},
    "/subscribers/1": {"name": "A", "fields": {"A": "x"}},
    "/subscribers/1/suppress": {"reason": "A"},
    "/editions/1/choices": {"version": 0, "intro": ["A"]},
    "/editions/1/pause": {"reason": "A"},
    "/editions/1/test": {"to": ["A"]},
    "/deliveries/find": {"address": "A"},
}


@dataclass(frozen=True)
class Work(Desk):
    """A newsletter that keeps one connection to its database."""

    kept: App

    @property
    def app(self) -> App:
        return self.kept


@dataclass(frozen=True, slots=True)
class House:
    forms: Forms
    programs: tuple[Program, Program]


@pytest.fixture
def house(engine: str, tmp_path: Path) -> Iterator[House]:
    project = Desk.open(tmp_path).project
    if engine != "sqlite":
        project.change_config("sqlite:///digest.db", database_url(engine, tmp_path))
    app = App.load(project.config)
    work = Work(project, app)
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    work.compose()
    with open_desk(app) as site:
        editor, ops = (Program(site, make_token(app, role)) for role in (Role.EDITOR, Role.OPS))
        yield House(Forms(site), (editor, ops))
    app.database.close()


def test_a_text_that_cannot_be_stored_is_refused_at_every_door(house: House) -> None:
    for path, fields in _FORMS.items():
        answer = house.forms.post(path, fields)
        assert (answer.status, "the character NUL" in words_of(answer)) == (422, True), path
    for path in ("/report?newsletter=a%00b", "/editions?newsletter=%00", "/subscribers?state=%00"):
        assert house.forms.site.ask(path).status == 404, path
    for path, body in _BODIES.items():
        for half in ("\0", "\ud800"):
            sent = json.loads(json.dumps(body).replace("A", json.dumps(half)[1:-1]))
            statuses = {program.ask(path, "POST", sent).status for program in house.programs}
            assert 422 in statuses <= {422, 403}, (path, half, statuses)
    assert house.programs[0].ask("/editions?newsletter=%00").status in (404, 422)
