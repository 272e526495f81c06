"""A database that is replaced while it is sending: the run stops before the next mark."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from digest.app import App
from digest.errors import DigestError, ExitCode, Refused, ReplacedStoreError
from digest.models import Actor, Message
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.send import SendReport, find_sendable, freeze_now, send
from digest.newsroom.state import check_state
from digest.sender.attempt import Attempt, Fate
from digest.store.tables import handed, meta
from subscribers.addresses import parse_address
from subscribers.leavings import Leaving
from subscribers.people import find_person
from subscribers.tokens import Link
from tests.support.databases import ENGINES, database_url
from tests.support.desk_work import NOW, Desk
from tests.support.mailers import Mark, OneByOne

SUBSCRIBERS = 30
_STOPS_AFTER = 10


@dataclass
class Relay(OneByOne):
    """Takes mails; calls `change` after ten.

    With `waits_for`, it does so when that is true, and answers no mail after that.
    """

    change: Callable[[], object]
    waits_for: Callable[[], bool] | None = None
    taken: list[str] = field(default_factory=list)

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        self.taken.append(message.recipient)
        is_last = len(self.taken) == _STOPS_AFTER
        if self.waits_for and len(self.taken) >= _STOPS_AFTER:
            while not (is_last and self.waits_for()):  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.02)
            self.change()
            await asyncio.Event().wait()
        if is_last:
            self.change()
        await asyncio.sleep(0)
        return Attempt(fate=Fate.SENT)


@dataclass(frozen=True)
class OneApp(Desk):
    """A newsletter with one pool of connections, which the test closes."""

    apps: list[App] = field(default_factory=list)

    @property
    def app(self) -> App:
        if not self.apps:
            self.apps.append(super().app)
        return self.apps[0]


@pytest.fixture(params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OneApp]:
    """Return a newsletter with a draft, on each engine."""
    desk = OneApp(Desk.open(tmp_path).project)
    desk.project.change_config("sqlite:///digest.db", database_url(request.param, tmp_path))
    fill(desk)
    yield desk
    desk.app.database.close()


def open_desk(folder: Path) -> Desk:
    """Return a newsletter with a draft, and a copy of its database from before the send."""
    desk = Desk.open(folder)
    fill(desk)
    desk.app.database.backup(folder / "copy.db")
    return desk


def fill(desk: Desk) -> None:
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(SUBSCRIBERS)
    desk.compose()


def send_over(desk: Desk, relay: Relay) -> SendReport:
    app = desk.app
    app.__dict__["open_mailer"] = lambda: relay
    (draft,) = find_sendable(app, "", None, is_at_once=True)
    frozen = freeze_now(app, draft, by=Actor(name="editor"), any_audience=True, is_at_once=True)
    return asyncio.run(send(app, frozen))


def move_away(desk: Desk) -> None:
    desk.project.database.rename(desk.project.folder / "moved.db")


def put_copy(desk: Desk) -> None:
    """Put the copy from before the send in the place of the database."""
    (desk.project.folder / "copy.db").replace(desk.project.database)
    for end in ("-wal", "-shm"):
        desk.project.database.with_name(f"digest.db{end}").unlink(missing_ok=True)


@pytest.mark.parametrize("change", [move_away, put_copy])
def test_a_file_that_is_replaced_stops_the_run_before_the_next_mark(
    tmp_path: Path, change: Callable[[Desk], None]
) -> None:
    desk = open_desk(tmp_path)
    relay = Relay(lambda: change(desk))
    with pytest.raises(DigestError, match="replaced or removed") as stopped:
        send_over(desk, relay)
    assert stopped.value.exit_code is ExitCode.REFUSED
    assert "\n" not in str(stopped.value)
    # The other connection may have had its mark.
    assert len(relay.taken) <= _STOPS_AFTER + 1
    if change is put_copy:  # it does not know of the last mails, so it may not go on either
        refused = desk.run("send", "--now")
        assert (refused.code, "\n" in refused.err) == (4, False), refused.err


def test_a_leaving_that_the_replaced_file_cannot_take_is_kept(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    app = desk.app
    with app.database.read() as connection:
        address = parse_address("subscriber1@example.net", allow_reserved=True)
        person = find_person(connection, address)
    assert person is not None
    put_copy(desk)
    link = Link(public_id=person.public_id, newsletter="weekly")
    assert Leavings.of(app).leave(Leaving(link=link, how="one-click", at=NOW))
    with pytest.raises(ReplacedStoreError):
        Leavings.of(app).take_all()
    assert Leavings.of(desk.app).take_all() == 1


def change_epoch(desk: Desk) -> None:
    with desk.app.database.write() as connection:
        connection.execute(update(meta).where(meta.c.name == "epoch").values(value="another"))


def lower_counter(desk: Desk) -> None:
    with desk.app.database.write() as connection:
        connection.execute(delete(handed))


@pytest.mark.parametrize("change", [change_epoch, lower_counter])
def test_a_database_that_is_put_back_under_a_run_stops_it(
    shared: OneApp, change: Callable[[Desk], None]
) -> None:
    state = shared.app.database.state_file

    def is_written() -> bool:
        """Return whether the state file knows of some of the mails."""
        return bool(json.loads(state.read_text("utf-8"))["handed_over"])

    relay = Relay(lambda: change(shared), waits_for=is_written)
    with pytest.raises(Refused, match="digest restore --adopt"):
        send_over(shared, relay)
    assert len(relay.taken) <= _STOPS_AFTER + 1
    with pytest.raises(Refused):  # the next send starts with the same check
        check_state(shared.app)
