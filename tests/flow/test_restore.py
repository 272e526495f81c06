"""A restored or copied database mails nothing by itself, and nothing twice after its adoption."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from digest.app import App
from digest.errors import Refused, SchemaError, StoreError
from digest.models import Actor
from digest.newsroom.adopt import adopt
from digest.newsroom.backup import back_up, is_due
from digest.newsroom.context import Backups
from digest.newsroom.post_office import PostOffice
from digest.newsroom.restore import Restored, restore
from digest.newsroom.run import Service
from digest.newsroom.service.backups import back_up_when_due
from digest.newsroom.service.fence import Fence
from digest.newsroom.state import check_state
from digest.store import copies
from digest.store.engine import Database
from digest.store.migrate import alembic_config
from digest.store.notices import add_person_notice
from digest.store.revision import REVISION
from subscribers.leavings import Leaving
from subscribers.tokens import Link
from tests.support.databases import ENGINES
from tests.support.desk_work import Desk
from tests.support.kill_harness import SlowServer, wait_until
from tests.support.life import SLOT, Life, LivingApp
from tests.support.postgres import DSN, programs_folder, require_server
from tests.support.project import Project

pytestmark = pytest.mark.long

HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
ANNA = Actor(name="anna")


def restored(life: Life, copy: Path) -> Restored:
    life.close()
    gc.collect()
    life.context = life.another_world()
    return restore(life.context, copy, by=ANNA)


async def live_to_the_next_mail(life: Life) -> None:
    await life.run_until(SLOT + WEEK - HOUR, step=timedelta(hours=6))
    await life.live_until(SLOT + WEEK + HOUR)


def take_when_mailed(life: Life, count: int, take: Any) -> None:
    """Call `take` when this number of mails has been handed over."""
    deliver = life.letterbox.deliver

    async def deliver_and_take(message: Any, mark: Any) -> Any:
        if len(life.letterbox.mails) == count:
            take()
        return await deliver(message, mark)

    life.letterbox.deliver = deliver_and_take  # type: ignore[method-assign]  # a double


def assert_nothing_came_twice(life: Life) -> None:
    for recipient in life.letterbox.per_subscriber():
        assert set(life.letterbox.stories(recipient).values()) == {1}


# --- a copy of an edition that is being sent ----------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_copy_of_30_percent_of_an_edition_sends_nothing_and_then_nothing_twice(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "postgresql":
        if os.environ.get(DSN):
            pytest.skip("the server of the DSN may be newer than the pg_dump here")
        require_server()
        monkeypatch.setenv("PATH", f"{programs_folder()}:{os.environ['PATH']}")
    life = Life(tmp_path, subscribers=20, engine=engine)
    take_when_mailed(life, 6, lambda: back_up(life.context, tmp_path / "copy.db", by=ANNA))
    await life.live_until(SLOT)
    assert len(life.letterbox.mails) == 20
    done = restored(life, tmp_path / "copy.db")
    assert done.unreadable == ""
    assert done.kept is not None
    assert done.kept.exists()
    for _ in range(3):
        await life.look()
        life.now += HOUR
    assert len(life.letterbox.mails) == 20
    with pytest.raises(Refused, match="restored"):
        check_state(life.context)
    assert adopt(life.context, seen_now=True, by=ANNA).paused == (1,)
    await live_to_the_next_mail(life)
    assert life.letterbox.per_subscriber() == Counter(
        {f"subscriber{number}@example.net": 2 for number in range(1, 21)}
    )
    assert_nothing_came_twice(life)
    life.close()


@pytest.mark.anyio
async def test_a_file_copied_with_cp_during_a_send_is_refused_too(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=20)

    def cp() -> None:
        for end in ("", "-wal"):
            shutil.copy(tmp_path / f"digest.db{end}", tmp_path / f"cp.db{end}")

    take_when_mailed(life, 6, cp)
    await life.live_until(SLOT)
    life.close()
    gc.collect()
    for end in ("", "-wal"):
        shutil.move(tmp_path / f"cp.db{end}", tmp_path / f"digest.db{end}")
    (tmp_path / "digest.db-shm").unlink(missing_ok=True)
    life.context = life.another_world()
    await life.look()
    assert len(life.letterbox.mails) == 20
    with pytest.raises(Refused, match="older copy"):
        check_state(life.context)
    adopt(life.context, seen_now=True, by=ANNA)
    await live_to_the_next_mail(life)
    assert_nothing_came_twice(life)


@pytest.mark.anyio
async def test_a_copy_on_a_second_machine_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    life, other = Life(tmp_path, subscribers=5), Life(tmp_path / "other", subscribers=0)
    await life.live_until(SLOT)
    back_up(life.context, tmp_path / "copy.db", by=ANNA)
    other.close()
    gc.collect()
    shutil.copy(tmp_path / "copy.db", tmp_path / "other" / "digest.db")
    (tmp_path / "other" / "digest.db.state").unlink(missing_ok=True)
    other.now = life.now + WEEK
    other.context = other.another_world()
    await other.look()
    assert other.letterbox.mails == []
    with pytest.raises(Refused, match="no state file here"):
        check_state(other.context)


@pytest.mark.anyio
async def test_a_restored_copy_that_has_never_sent_needs_adoption_without_a_state_file_too(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, subscribers=5)
    await life.live_until(SLOT - HOUR)
    back_up(life.context, tmp_path / "copy.db", by=ANNA)
    restored(life, tmp_path / "copy.db")
    (tmp_path / "digest.db.state").unlink(missing_ok=True)
    await life.live_until(SLOT + HOUR)
    assert life.letterbox.mails == []
    with pytest.raises(Refused, match="`digest restore` wrote it"):
        check_state(life.context)


def test_a_machine_image_with_its_state_folder_outside_sends_nothing(
    tmp_path: Path, relay: SlowServer
) -> None:
    machine, outside = tmp_path / "machine", tmp_path / "outside"
    machine.mkdir()
    work = sending(machine, relay, subscribers=3)
    outside.mkdir()
    work.project.change_config("[fetch]", f'[state]\nfolder = "{outside}"\n\n[fetch]')
    shutil.copytree(machine, tmp_path / "image")
    assert work.project.run("send", "--now").code == 0
    assert relay.count() == 3
    shutil.rmtree(machine)
    (tmp_path / "image").rename(machine)
    for words in (("send", "--now"), ("run",)):
        assert work.project.run(*words).code == 4
    assert relay.count() == 3


# --- the commands, over SMTP --------------------------------------------------------------------


def sending(folder: Path, relay: SlowServer, *, subscribers: int) -> Desk:
    """Return a newsletter with a draft that can be sent to a relay."""
    work = Desk.open(folder)
    work.project.change_config("port = 9", f"port = {relay.port}")
    work.add_post("A bridge is mended")
    work.add_subscribers(subscribers)
    work.compose()
    gc.collect()  # this process must not have the database open
    return work


def test_a_real_send_backed_up_at_30_percent_restored_and_adopted(
    tmp_path: Path, relay: SlowServer
) -> None:
    work = sending(tmp_path, relay, subscribers=100)
    run = work.project.run
    relay.wait_at(30)
    send = work.project.start("send", "--now")
    wait_until(lambda: relay.count() >= 30)
    made = run("backup", "copy.db", "--json")
    assert (made.code, made.data["counts"]["deliveries"]) == (0, 100)
    refused = run("restore", "copy.db")
    assert (refused.code, refused.err.count("\n")) == (4, 1)
    assert "in use" in refused.err
    relay.wait_at(None)
    assert send.wait() == 0
    assert run("subscribers", "suppress", "subscriber7@example.net").code == 0
    done = run("restore", "copy.db")
    assert (done.code, done.err) == (0, "")
    assert "1 suppressed" in done.out
    assert "Nothing is sent until you run `digest restore --adopt" in done.out
    for words in (("send", "--now"), ("run",)):
        assert run(*words).code == 4
    assert relay.count() == 100
    assert run("restore", "--adopt", "--seen", "now").code == 0
    work.add_post("A school is built")
    work.compose()
    gc.collect()
    assert run("send", "2", "--now").code == 0  # the first one stays paused until it is resumed
    assert set(relay.arrived().values()) == {1}
    expected = {f"subscriber{number}@example.net": 2 for number in range(100)}
    assert relay.reached() == expected | {"subscriber7@example.net": 1}


def test_a_restore_that_is_killed_leaves_the_old_or_the_new_database(
    tmp_path: Path, relay: SlowServer
) -> None:
    work = sending(tmp_path, relay, subscribers=200)
    assert work.project.run("backup", "copy.db").code == 0
    work.add_subscribers(1, first=500)
    gc.collect()
    found = Counter[int]()
    for delay_s in (0.2, 0.4, 0.6, 0.8, 1.0):
        restoring = work.project.start("restore", "copy.db", "--json")
        time.sleep(delay_s)
        restoring.kill()
        restoring.wait()
        with closing(sqlite3.connect(work.project.database)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
            found[connection.execute("SELECT count(*) FROM people").fetchone()[0]] += 1
    assert set(found) <= {200, 201}
    assert work.project.run("restore", "copy.db").code == 0
    assert not list(tmp_path.glob("*.restoring*"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("restore", "none.db"), 3, "none.db: does not exist"),
        (("restore", "config.toml"), 4, "neither an SQLite database nor a dump"),
        (("restore", "digest.db"), 2, "is the database itself"),
        (("restore", "copy.db", "--adopt"), 2, "give FILE or --adopt"),
        (("backup", "config.toml"), 2, "exists"),
        (("backup", "--verify", "none.db"), 3, "does not exist"),
        (("backup", "x.db", "--verify", "y.db"), 2, "give FILE or --verify FILE"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = Desk.open(tmp_path).project.run(*arguments)
    assert (result.code, words in result.err, "Traceback" in result.err) == (code, True, False)


# --- what else must not come back ---------------------------------------------------------------


@pytest.mark.anyio
async def test_the_journal_of_leavings_is_applied_to_the_restored_database(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=3)
    await life.live_until(SLOT - HOUR)
    back_up(life.context, tmp_path / "copy.db", by=ANNA)
    link = Link(public_id="p2", newsletter="weekly")
    life.context.journal.append(Leaving(link=link, how="one-click", at=life.now))
    assert restored(life, tmp_path / "copy.db").from_journal == 1
    adopt(life.context, seen_now=False, by=ANNA)
    await live_to_the_next_mail(life)
    assert set(life.letterbox.per_subscriber()) == {
        "subscriber1@example.net",
        "subscriber3@example.net",
    }


@pytest.mark.anyio
async def test_notes_that_waited_in_the_copy_are_not_mailed_again(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT + HOUR)
    with life.context.database.write() as connection:
        whom = {"person_id": 1, "public_id": "p1", "newsletter": "weekly"}
        add_person_notice(connection, "welcome", "once", now=life.now, **whom)  # type: ignore[arg-type]  # of several types
    back_up(life.context, tmp_path / "copy.db", by=ANNA)
    restored(life, tmp_path / "copy.db")
    with pytest.raises(Refused):
        await PostOffice(life.context, asyncio.Event()).send_due()
    assert adopt(life.context, seen_now=True, by=ANNA).dropped >= 1


# --- backups of the service ---------------------------------------------------------------------


@dataclass
class Saving:
    """An installation that backs itself up."""

    life: Life
    rule: Backups

    @cached_property
    def context(self) -> App:
        rule = self.rule

        class SavingApp(LivingApp):
            @property
            def backups(self) -> Backups:
                return rule

        return SavingApp(self.life)


@pytest.mark.anyio
async def test_the_service_backs_up_once_a_period_and_keeps_the_newest(tmp_path: Path) -> None:
    life = Life(tmp_path)
    folder = tmp_path / "backups"
    saving = Saving(life, Backups(folder=folder, keep=2, every=timedelta(hours=24)))
    for hours in (0, 1, 23, 24, 30, 49, 73):
        life.now = SLOT + hours * HOUR
        await back_up_when_due(saving.context, Fence())
    names = [path.name for path in copies.list_copies(folder, saving.context.database)]
    assert names == ["digest-20261125T080000Z.db", "digest-20261126T080000Z.db"]
    assert not is_due(saving.context, timedelta(hours=24))


@pytest.mark.anyio
async def test_a_failed_backup_is_an_alert_and_is_tried_again_later(tmp_path: Path) -> None:
    life = Life(tmp_path)
    (tmp_path / "file").write_text("in the way")
    rule = Backups(folder=tmp_path / "file" / "x", keep=2, every=timedelta(hours=24))
    saving, fence = Saving(life, rule), Fence()
    await back_up_when_due(saving.context, fence)
    await back_up_when_due(saving.context, fence)
    (key,) = [key for key in life.told() if key.startswith("backup/")]
    assert "choose another folder" in key
    saving = replace(saving, rule=replace(rule, folder=tmp_path / "good"))
    life.now += timedelta(minutes=5)
    await back_up_when_due(saving.context, fence)
    assert len(list((tmp_path / "good").iterdir())) == 1


# --- upgrades -----------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_process_stops_claiming_when_another_one_upgrades_the_database(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, subscribers=1500)  # three batches

    def upgraded() -> None:
        with closing(sqlite3.connect(tmp_path / "digest.db")) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()

    take_when_mailed(life, 6, upgraded)
    with pytest.raises(StoreError, match="9999 is newer than this program"):
        await life.live_until(SLOT + HOUR)
    mails = len(life.letterbox.mails)
    service = Service(life.context, asyncio.Event())
    for job in (service._poll, service._tick, service._dispatch, service._purge, service._back_up):
        with pytest.raises(SchemaError, match="update the program"):
            await job()
    with life.context.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": REVISION})
    await life.live_until(SLOT + 2 * HOUR)
    assert mails < 1500
    assert set(life.letterbox.per_subscriber().values()) == {1}
    assert len(life.letterbox.mails) == 1500


@pytest.mark.parametrize("revision", ["0016", "0022"])
def test_an_edition_that_an_earlier_version_began_is_finished_after_the_upgrade(
    tmp_path: Path, relay: SlowServer, revision: str
) -> None:
    work = sending(tmp_path, relay, subscribers=100)
    relay.wait_at(30)
    send = work.project.start("send", "--now")
    wait_until(lambda: relay.count() >= 30)
    send.kill()
    send.wait()
    relay.wait_at(None)
    make_older(work.project, revision)
    if revision != REVISION:
        assert work.project.run("send").code == 2
    upgraded = work.project.run("db", "upgrade")
    assert (upgraded.code, upgraded.err) == (0, "")
    work.project.run("send")
    with closing(sqlite3.connect(work.project.database)) as connection:
        counts = dict(connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))
    assert set(relay.arrived().values()) == {1}
    assert set(counts) <= {"sent", "unknown"}
    assert counts["sent"] >= 98  # unknown: at most one for each connection
    assert sum(counts.values()) == 100


def make_older(project: Project, revision: str) -> None:
    """Move the rows of a database into one with the schema of an earlier version."""
    older = project.folder / "older.db"
    with closing(Database(f"sqlite:///{older}")) as database:
        database.prepare()
        with database.write() as connection:
            command.upgrade(alembic_config(connection), revision)
    with closing(sqlite3.connect(older)) as connection:
        connection.execute("ATTACH ? AS new", (str(project.database),))
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM main.sqlite_master WHERE type = 'table'"
            )
        ]
        for name in names:
            if name == "alembic_version" or name.startswith("sqlite_"):
                continue
            known = [
                {row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({name})")}
                for schema in ("main", "new")
            ]
            columns = ", ".join(f'"{column}"' for column in known[0] & known[1])
            connection.execute(f"DELETE FROM main.{name}")  # noqa: S608 - names of the schema
            connection.execute(
                f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM new.{name}"  # noqa: S608 - the same
            )
        connection.commit()
    for end in ("-wal", "-shm"):
        project.database.with_name(f"digest.db{end}").unlink(missing_ok=True)
    older.replace(project.database)
