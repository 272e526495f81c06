"""The desk of a real newsletter, for tests over HTTP and in a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy import update
from starlette.types import ASGIApp

from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json
from digest.models import Actor, Edition
from digest.newsroom import Newsroom
from digest.store.tables import editions
from digest.web.desk.app import create_desk
from digest.web.desk.door import DeskDoor
from digest.web.routes import DESK
from tests.support.desk_work import Desk
from tests.support.samples import sample_edition
from tests.support.web_doors import desk_pages
from tests.support.web_server import Answer, Site

KEY = "a key that is long enough"
OPERATOR = Actor(name="operator")
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def desk_of(work: Desk) -> ASGIApp:
    """Return the desk of a newsletter, on this machine without accounts."""
    newsroom = Newsroom(work.app)
    door = DeskDoor(newsroom=newsroom, pages=desk_pages(), key=KEY, operator=OPERATOR)
    return create_desk(door, DESK)


def fill(work: Desk, edition: Edition | None = None, edition_id: int = 1) -> Edition:
    """Give a draft the stories and the masthead of an edition; the sample's if None is given."""
    given = edition or sample_edition()
    before = edition_from_json(work.edition(edition_id).snapshot)
    top = max(story.seq for story in given.stories)
    filled = replace(
        before,
        masthead=given.masthead,
        stories=given.stories,
        categories=given.categories,
        since_seq=0,
        last_cut_seq=0,
        cut_seq=max(before.cut_seq, top),
    )
    snapshot = edition_to_json(filled)
    values = {"snapshot": snapshot, "content_hash": content_hash(snapshot)}
    with work.app.database.write() as connection:
        connection.execute(update(editions).where(editions.c.id == edition_id).values(**values))
    return filled


def post(site: Site, page: str, path: str, **fields: str) -> Answer:
    """Send a form of a page, with the page's token."""
    token = re.search(r'name="csrf" value="([^"]+)"', site.ask(page).text)
    assert token is not None, f"{page} has no form"
    body = urlencode({"csrf": token[1], **fields}).encode()
    return site.ask(path, "POST", body, headers=_FORM)
