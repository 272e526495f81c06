"""Unsubscribes that come while PostgreSQL is away are applied soon after its return."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.app import App
from digest.newsroom.self_service.leaving import Leavings
from digest.store.engine import Database
from digest.store.migrate import upgrade
from subscribers.leavings import Leaving
from subscribers.tokens import Link
from tests.support.databases import as_text
from tests.support.postgres import own_server
from tests.support.project import Project

#: The promise, in seconds.
SOON_S = 10.0


@pytest.mark.anyio
async def test_the_machine_that_kept_them_applies_them(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with own_server() as server:
        url = as_text(server.url("postgres"))
        with closing(Database(url, state=tmp_path)) as database:
            upgrade(database)
        project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9, database=url)
        project.add_subscribers(1)
        app, stop = App.load(project.config), asyncio.Event()
        public_id = str(ask(app, "SELECT public_id FROM people"))
        replaying = asyncio.create_task(app.newsroom.replay_leavings(stop))
        await asyncio.to_thread(server.stop)
        link = Link(public_id=public_id, newsletter="weekly")
        leaving = Leaving(link=link, how="one-click", at=datetime.now(UTC))
        assert await asyncio.to_thread(Leavings.of(app).leave, leaving)
        assert waits(app)
        await asyncio.sleep(4)  # it looks, in vain
        await asyncio.to_thread(server.start)
        back = time.monotonic()
        while waits(app):
            assert time.monotonic() - back < SOON_S
            await asyncio.sleep(0.1)
        assert ask(app, "SELECT state FROM subscriptions") == "left"
        stop.set()
        await replaying
        app.database.close()


def waits(app: App) -> bool:
    """Return whether the journal has a request."""
    return not app.journal.is_empty


def ask(app: App, query: str) -> object:
    with app.database.read() as connection:
        return connection.execute(text(query)).scalar()
