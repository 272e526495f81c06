"""Backups and restores, on both engines."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, select, text, update

from digest.errors import CorruptStoreError, NothingToDo, Refused, SchemaError, StoreError
from digest.store import copies, persons
from digest.store.engine import Database
from digest.store.epoch import Origin, read_epoch, renew_epoch
from digest.store.migrate import upgrade, upgrade_tables
from digest.store.parts import write_part
from digest.store.revision import REVISION
from digest.store.schema import open_existing
from subscribers.addresses import Address, parse_address
from subscribers.carrying import Carried, Endings, carry_over, read_endings
from subscribers.people import add_person, complain, find_person, leave, subscribe
from subscribers.preferences import State, Subscription
from subscribers.suppression import SuppressionReason, find_reasons, suppress
from subscribers.tables import people, subscriptions
from tests.support.databases import empty_url, new_file
from tests.support.postgres import DSN, programs_folder

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = ("the new key of the site", "an older key of the site")
NAMES = ("anna", "ben", "cleo", "dora", "emil")


def address(name: str) -> Address:
    return parse_address(f"{name}@example.net", allow_reserved=True)


@pytest.fixture
def own(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return a database of its own, with five subscribers; only this test is connected to it."""
    if engine == "postgresql":
        if os.environ.get(DSN):
            pytest.skip("the server of the DSN may be newer than the pg_dump here")
        url = empty_url(engine, tmp_path)
        monkeypatch.setenv("PATH", f"{programs_folder()}:{os.environ['PATH']}")
        database = Database(url, state=tmp_path)
        upgrade(database)
    else:
        database = new_file(tmp_path / "digest.db")
    with database.write() as connection:
        for name in NAMES:
            _join(connection, name, NOW - HOUR)
    yield database
    database.close()


def _join(connection: Connection, name: str, now: datetime) -> None:
    person = add_person(connection, address(name), name="", now=now)
    subscription = Subscription(newsletter="weekly", state=State.CONFIRMED, joined_at=now)
    subscribe(connection, person.id, subscription)


class Work:
    """The work of a restore, without the newsroom."""

    def __init__(self) -> None:
        self.endings: Endings | None = None
        self.reason = ""
        self.carried: Carried | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        return copies.table_names()

    def read(self, replaced: Connection) -> None:
        self.endings = read_endings(replaced)

    def fail(self, reason: str) -> None:
        self.reason = reason

    def finish(self, restored: Connection) -> None:
        upgrade_tables(restored, "x")
        renew_epoch(restored, Origin.RESTORED)
        if self.endings:
            erase = partial(persons.erase, restored, KEYS, now=NOW)
            self.carried = carry_over(restored, self.endings, KEYS, erase)


def states(database: Database) -> dict[str, str]:
    query = select(people.c.address, subscriptions.c.state).join(
        people, people.c.id == subscriptions.c.person_id
    )
    with database.read() as connection:
        return {row.address.partition("@")[0]: row.state for row in connection.execute(query)}


def restored(database: Database, copy: Path, kept: Path) -> Work:
    work = Work()
    database.restore(copy, kept, work)
    return work


# --- copies -------------------------------------------------------------------------------------


def test_a_copy_is_private_sound_and_has_the_rows_of_the_database(
    own: Database, tmp_path: Path
) -> None:
    copy = copies.make_copy(own, tmp_path / "backups" / "copy")
    assert (copy.revision, copy.is_sqlite) == (REVISION, own.is_file)
    assert (copy.counts["people"], copy.counts["deliveries"]) == (5, 0)
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in copy.path.parent.iterdir()] == ["copy"]


def test_what_a_killed_backup_left_is_removed_and_what_is_being_written_stays(
    own: Database, tmp_path: Path
) -> None:
    names = ("killed.db", "digest-20261129T033000Z.db", "digest-20261130T033000Z.db")
    killed, old, young = (tmp_path / f"{name}.part" for name in names)
    for path in (killed, tmp_path / f"{killed.name}-journal", old, young):
        path.write_text("half")
    # A killed process leaves its lock file; a backup of an earlier version had none.
    (tmp_path / f".{killed.name}.digest-lock").touch()
    os.utime(old, (0, 0))
    with write_part(tmp_path / "busy.db") as (busy, _):
        copies.make_copy(own, tmp_path / "copy")
        found = {path.name for path in tmp_path.iterdir() if path.is_file()}
        assert found & {"copy", *(f"{name}.part" for name in (*names, "busy.db"))} == {
            "copy",
            busy.name,
            young.name,
        }
        assert not (tmp_path / f"{killed.name}-journal").exists()
        with pytest.raises(StoreError, match="another process is writing it"):
            own.backup(tmp_path / "busy.db")
    assert (tmp_path / "busy.db").exists()
    assert not list(tmp_path.glob(".*.digest-lock"))


def test_a_damaged_copy_is_refused(own: Database, tmp_path: Path) -> None:
    path = copies.make_copy(own, tmp_path / "copy").path
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptStoreError, match=r"copy: .*(damaged|pg_restore cannot)"):
        copies.read_copy(path)
    path.write_bytes(b"hello")
    with pytest.raises(CorruptStoreError, match="neither"):
        copies.read_copy(path)
    with pytest.raises(NothingToDo, match="does not exist"):
        copies.read_copy(tmp_path / "none")


def test_a_copy_of_a_newer_program_is_refused(own: Database, tmp_path: Path) -> None:
    with own.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="9999 is newer than this program"):
        copies.make_copy(own, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_only_the_newest_copies_of_its_own_naming_are_kept(own: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for day in range(4):
        copies.make_copy(own, copies.copy_path(folder, own, NOW + timedelta(days=day)))
    (folder / "mine.db").write_text("not of this program")
    gone = copies.thin_out(folder, own, keep=2)
    assert [path.name.partition("-")[2][:8] for path in gone] == ["20261130", "20261201"]
    assert len(copies.list_copies(folder, own)) == 2
    assert (folder / "mine.db").exists()


def test_a_file_is_copied_while_another_process_commits_all_the_time(tmp_path: Path) -> None:
    with closing(new_file(tmp_path / "digest.db")) as database:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE ballast (words TEXT)"))
            rows = [{"words": "w" * 5000} for _ in range(4000)]
            connection.execute(text("INSERT INTO ballast VALUES (:words)"), rows)
        stop = Event()
        writer = Thread(target=_write_until, args=(tmp_path / "digest.db", stop))
        writer.start()
        try:
            assert copies.make_copy(database, tmp_path / "copy.db").counts["people"] == 0
        finally:
            stop.set()
            writer.join()


def _write_until(path: Path, stop: Event) -> None:
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        while not stop.wait(0.001):
            connection.execute("INSERT INTO ballast VALUES ('more')")
            connection.commit()


# --- restores -----------------------------------------------------------------------------------


def test_a_restored_database_has_the_rows_of_the_copy_and_another_epoch(
    own: Database, tmp_path: Path
) -> None:
    with own.read() as connection:
        before = read_epoch(connection)
    copies.make_copy(own, tmp_path / "copy")
    with own.write() as connection:
        _join(connection, "late", NOW)
    restored(own, tmp_path / "copy", tmp_path / "kept")
    assert set(states(own)) == set(NAMES)
    with own.read() as connection:
        after = read_epoch(connection)
    assert before is not None
    assert after is not None
    assert (after.origin, after.name != before.name) == (Origin.RESTORED, True)
    with own.write() as connection:  # numbers go on after the last one
        _join(connection, "next", NOW)
    assert copies.read_copy(tmp_path / "kept").counts["people"] == 6
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
    open_existing(
        own.url.render_as_string(hide_password=False).replace("+psycopg", ""), state=tmp_path
    ).close()


def test_who_left_since_the_copy_stays_away(own: Database, tmp_path: Path) -> None:
    copies.make_copy(own, tmp_path / "copy")
    with own.write() as connection:
        found = {name: find_person(connection, address(name)) for name in NAMES}
        ids = {name: person.id for name, person in found.items() if person}
        leave(connection, ids["anna"], "weekly", how="one-click", now=NOW)
        complain(connection, ids["ben"], now=NOW)
        suppress(connection, KEYS[1:], address("cleo"), SuppressionReason.BOUNCED, now=NOW)
        persons.erase(connection, KEYS, address("dora"), now=NOW)
    carried = restored(own, tmp_path / "copy", tmp_path / "kept").carried
    assert carried == Carried(left=1, complained=1, suppressed=1, erased=1)
    assert states(own) == {
        "anna": "left",
        "ben": "complained",
        "cleo": "confirmed",
        "emil": "confirmed",
    }
    with own.read() as connection:
        assert find_reasons(connection, KEYS, address("cleo")) == ("bounced",)
        assert find_reasons(connection, KEYS, address("dora")) == ("erased",)
        marked = select(people.c.suppressed).where(people.c.address == "cleo@example.net")
        assert connection.execute(marked).scalar_one() == "bounced"


def test_who_came_back_before_a_newer_copy_is_not_ended_by_an_older_database(
    own: Database, tmp_path: Path
) -> None:
    with own.write() as connection:
        person = find_person(connection, address("anna"))
        assert person is not None
        connection.execute(update(subscriptions).values(joined_at=NOW + HOUR))
    copies.make_copy(own, tmp_path / "newer")
    with own.write() as connection:
        leave(connection, person.id, "weekly", how="page", now=NOW)
    assert restored(own, tmp_path / "newer", tmp_path / "kept").carried == Carried(
        left=0, complained=0, suppressed=0, erased=0
    )
    assert states(own)["anna"] == "confirmed"


def test_tables_of_other_programs_stay_and_those_of_a_newer_queue_do_not_disturb(
    own: Database, tmp_path: Path
) -> None:
    if own.is_file:
        pytest.skip("a file is replaced as a whole")
    copies.make_copy(own, tmp_path / "copy")
    with own.write() as connection:
        connection.execute(text("CREATE TABLE shop (article TEXT)"))
        connection.execute(text("CREATE TYPE procrastinate_newer_state AS ENUM ('todo')"))
        connection.execute(
            text("CREATE TABLE procrastinate_newer_jobs (state procrastinate_newer_state)")
        )
        connection.execute(
            text(
                "CREATE FUNCTION procrastinate_newer_take(procrastinate_newer_state) RETURNS int"
                " AS 'SELECT 1' LANGUAGE sql"
            )
        )
    restored(own, tmp_path / "copy", tmp_path / "kept")
    with own.write() as connection:
        assert connection.dialect.has_table(connection, "shop")
        assert not connection.dialect.has_table(connection, "procrastinate_newer_jobs")
        connection.execute(text("CREATE TYPE procrastinate_newer_state AS ENUM ('todo')"))


def test_a_database_in_use_is_not_replaced(own: Database, tmp_path: Path) -> None:
    copies.make_copy(own, tmp_path / "copy")
    url = own.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with closing(Database(url, state=tmp_path)) as other:
        with other.read():
            pass  # its connection stays open and does nothing
        with pytest.raises(Refused, match=r"in use .* stop `digest run`"):
            restored(own, tmp_path / "copy", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    restored(own, tmp_path / "copy", tmp_path / "kept")


def test_a_restore_that_fails_leaves_the_old_database(own: Database, tmp_path: Path) -> None:
    copies.make_copy(own, tmp_path / "copy")
    with own.write() as connection:
        _join(connection, "late", NOW)

    class Failing(Work):
        def finish(self, restored: Connection) -> None:
            super().finish(restored)
            raise StoreError("no")

    with pytest.raises(StoreError, match="no"):
        own.restore(tmp_path / "copy", tmp_path / "kept", Failing())
    assert "late" in states(own)
    with own.read() as connection:
        epoch = read_epoch(connection)
    assert epoch is not None
    assert epoch.origin is Origin.CREATED
    assert not list(tmp_path.glob("*.restoring*"))


def test_a_database_that_is_missing_or_damaged_is_restored(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    with closing(new_file(path)) as database:
        with database.write() as connection:
            _join(connection, "anna", NOW)
        copies.make_copy(database, tmp_path / "copy.db")
    _remove_all(path)
    with closing(Database(f"sqlite:///{path}")) as missing:
        assert restored(missing, tmp_path / "copy.db", tmp_path / "kept").reason == ""
        assert states(missing) == {"anna": "confirmed"}
    assert not (tmp_path / "kept").exists()
    _remove_all(path)
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 2000)
    path.with_name("digest.db-wal").write_bytes(b"old journal")
    with closing(Database(f"sqlite:///{path}")) as damaged:
        assert "damaged" in restored(damaged, tmp_path / "copy.db", tmp_path / "kept").reason
        assert states(damaged) == {"anna": "confirmed"}
    assert (tmp_path / "kept").read_bytes().endswith(b"rubbish")


def _remove_all(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        if each.is_file():
            each.unlink()


def test_a_process_that_waited_for_a_restore_does_not_use_the_replaced_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "digest.db"
    with closing(new_file(path)) as database:
        copies.make_copy(database, tmp_path / "copy.db")
        waiting = Database(f"sqlite:///{path}")
        errors: list[StoreError] = []

        def read() -> None:
            try:
                with waiting.read() as connection:
                    connection.execute(select(people.c.id)).all()
            except StoreError as error:
                errors.append(error)

        class Slow(Work):
            def finish(self, restored: Connection) -> None:
                super().finish(restored)
                reader.start()
                reader.join(0.5)  # it opens the old file meanwhile

        reader = Thread(target=read)
        database.restore(tmp_path / "copy.db", tmp_path / "kept", Slow())
        reader.join()
        waiting.close()
    (error,) = errors
    assert "was replaced" in str(error) or "locked" in str(error)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        closing(new_file(tmp_path / "digest.db")) as database,
        pytest.raises(StoreError, match="choose another folder"),
    ):
        copies.make_copy(database, tmp_path / "file" / "deep" / "copy.db")
