"""Guarantees of both engines: order of writers, numbers, names, backups."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from digest.errors import ConfigError, StoreError
from digest.store.counters import last_seq, take_seqs
from digest.store.engine import Database
from digest.store.schema import open_checked
from digest.store.tables import meta
from tests.support.databases import as_text


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """Return a second connection pool to the same database, as another process has one."""
    with closing(Database(as_text(database.url))) as found:
        yield found


#: The names that a test stored; a new database has an epoch already.
NAMES = select(meta.c.name).where(meta.c.name.not_in(("epoch", "origin")))


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(meta).values(name=name, value=""))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(NAMES))


def test_a_writer_sees_all_that_the_one_before_it_wrote(
    database: Database, other: Database
) -> None:
    seen: list[str] = []

    def write() -> None:
        with other.write() as connection:
            seen.extend(connection.scalars(NAMES))

    with database.write() as connection:
        second = threading.Thread(target=write)
        second.start()
        second.join(0.2)
        assert second.is_alive()
        put(connection, "first")
    second.join()
    assert seen == ["first"]


def test_marks_wait_for_a_writer_and_see_what_it_wrote(database: Database, other: Database) -> None:
    seen: list[str] = []

    def mark() -> None:
        with other.write_marks() as connection:
            seen.extend(connection.scalars(NAMES))

    with database.write() as connection:
        put(connection, "left")
        marks = threading.Thread(target=mark)
        marks.start()
        marks.join(0.2)
        assert marks.is_alive()
    marks.join()
    assert seen == ["left"]


def test_a_writer_waits_for_marks(database: Database) -> None:
    impatient = Database(as_text(database.url), busy_timeout_s=0.05)
    with (
        closing(impatient),
        database.write_marks(),
        pytest.raises(StoreError, match="locked"),
        impatient.write(),
    ):
        pass


def test_a_read_sees_one_state_of_the_database(database: Database, other: Database) -> None:
    with database.read() as connection:
        before = connection.scalars(NAMES).all()
        with other.write() as writing:
            put(writing, "meanwhile")
        assert connection.scalars(NAMES).all() == before == []
    assert names(database) == {"meanwhile"}


def test_numbers_of_two_collectors_become_visible_in_order(
    database: Database, other: Database
) -> None:
    """No number that is lower than one already read becomes visible later (rule 1 of the model)."""
    seen: list[tuple[int, ...]] = []
    done = threading.Event()

    def collect(own: Database, name: str) -> None:
        for turn in range(20):
            with own.write() as connection:
                first = take_seqs(connection, 2) + 1
                for seq in (first, first + 1):
                    put(connection, f"{seq:04} {name} {turn}")

    def look() -> None:
        with closing(Database(as_text(database.url))) as reader:
            while not done.is_set():
                with reader.read() as connection:
                    found = sorted(connection.scalars(NAMES))
                    seen.append(tuple(int(name[:4]) for name in found))
                    assert last_seq(connection) == len(found)

    watching = threading.Thread(target=look)
    working = [
        threading.Thread(target=collect, args=each) for each in ((database, "a"), (other, "b"))
    ]
    watching.start()
    for each in working:
        each.start()
    for each in working:
        each.join()
    done.set()
    watching.join()
    assert all(numbers == tuple(range(1, len(numbers) + 1)) for numbers in seen)
    assert len(names(database)) == 80


# --- names and files ------------------------------------------------------------------------------


def test_a_name_holds_no_password() -> None:
    database = Database("postgresql://digest:secret@db.example.org/paper?password=other")
    assert database.name == "postgresql://digest@db.example.org/paper"
    assert "secret" not in repr(database.url)


def test_leavings_are_stored_next_to_the_file_or_in_the_state_folder(tmp_path: Path) -> None:
    file = Database(f"sqlite:///{tmp_path / 'digest.db'}", state=tmp_path / "state")
    server = Database("postgresql://db.example.org/paper", state=tmp_path / "state")
    assert file.leavings == tmp_path / "digest.db.leavings"
    assert server.leavings == tmp_path / "state" / "paper.leavings"


@pytest.mark.parametrize(
    "url",
    ["mysql://a@h/x", "sqlite://", "postgresql://h", "postgresql+asyncpg://h/x", "x", "//:pw@"],
)
def test_other_addresses_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^database\.url: ") as caught:
        Database(url)
    assert "pw" not in str(caught.value)


def test_without_psycopg_the_error_names_the_command_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from digest.store.engine import Database\n"
        "try: Database('postgresql://h/x')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "database.url: PostgreSQL needs psycopg: pip install inbox-digest[postgres]\n"
    )


def test_a_database_file_needs_no_psycopg(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from digest.store.engine import Database\n"
        f"Database('sqlite:///{tmp_path / 'digest.db'}').exists()\n"
        "print('psycopg' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- backups --------------------------------------------------------------------------------------


def test_a_copy_of_a_file_holds_what_was_committed(tmp_path: Path) -> None:
    with closing(open_checked(f"sqlite:///{tmp_path / 'digest.db'}")) as database:
        with database.write() as connection:
            put(connection, "kept")
        database.backup(tmp_path / "copy.db")
        with closing(open_checked(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
            assert names(copy) == names(database) == {"kept"}


def test_a_copy_into_a_missing_folder_fails_with_one_line(tmp_path: Path) -> None:
    with (
        closing(Database(f"sqlite:///{tmp_path / 'digest.db'}")) as database,
        pytest.raises(StoreError),
    ):
        database.backup(tmp_path / "none" / "copy.db")
