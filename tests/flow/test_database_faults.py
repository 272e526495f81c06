"""Sends on a database that is full, read-only, locked or damaged: no mail is lost or sent twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from digest.app import App
from digest.errors import DigestError, ExitCode, RelayError, StoreError
from digest.models import Actor
from digest.newsroom.send import SendReport, find_sendable, freeze_now, send
from subscribers.errors import SubscriberError
from tests.support.desk_work import Desk
from tests.support.figures import IS_PROOF, record, sample
from tests.support.smtp_sink import ScriptedSink, serving

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600 if IS_PROOF else 300)]

SUBSCRIBERS = 60
EVERYBODY = {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}
CONNECTIONS = 2
#: Mails before a fault in the middle of a send.
_SOME = 15


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a newsletter with a draft."""
    desk = Desk.open(tmp_path_factory.mktemp("template"))
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(SUBSCRIBERS)
    desk.compose()
    with closing(sqlite3.connect(desk.project.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return desk.project.folder


@pytest.fixture
def sink() -> Iterator[ScriptedSink]:
    with serving(ScriptedSink()) as sink:
        yield sink


def copy_to(folder: Path, template: Path, sink: ScriptedSink) -> Path:
    """Copy the newsletter and set its mail server; return the configuration's path."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    config = folder / "config.toml"
    set_relay(config, sink)
    return config


def set_relay(config: Path, sink: ScriptedSink) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace("port = 9\n", f"port = {sink.port}\n"), "utf-8")


def send_now(config: Path, *, patience_s: float = 30.0) -> SendReport:
    """Send the draft, or the rest of its edition."""
    app = App.load(config, patience_s=patience_s)
    try:
        (found,) = find_sendable(app, "", None, is_at_once=True)
        editor = Actor(name="editor")
        frozen = freeze_now(app, found, by=editor, any_audience=True, is_at_once=True)
        return asyncio.run(send(app, frozen))
    finally:
        if "database" in app.__dict__:
            app.database.close()


def try_to_send(config: Path) -> DigestError | SubscriberError | None:
    """Return the error of one line that ended a send; None if there was none."""
    try:
        send_now(config)
    except (DigestError, SubscriberError) as error:
        return error
    return None


def assert_refused(error: Exception | None, sink: ScriptedSink) -> None:
    """Check that a send said in one line that the database is damaged, and mailed nothing."""
    assert getattr(error, "exit_code", None) is ExitCode.REFUSED, error
    assert "damaged" in str(error)
    assert not {"\n", "\r"} & set(str(error))
    assert sink.accepted.total() == 0


def check_after(config: Path, sink: ScriptedSink) -> int:
    """Send the rest, and check what arrived; return how many mails are unknown."""
    try_to_send(config)  # nothing may be left to send
    with closing(sqlite3.connect(config.with_name("digest.db"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute(
            "SELECT address, deliveries.state FROM deliveries JOIN people ON people.id ="
            " subscriber_id"
        ).fetchall()
    unknown = {address for address, state in rows if state == "unknown"}
    assert {state for _, state in rows} <= {"sent", "unknown"}
    assert set(sink.accepted.values()) == {1}
    assert EVERYBODY - unknown <= set(sink.accepted)
    assert len(rows) == SUBSCRIBERS
    assert len(unknown) <= CONNECTIONS
    return len(unknown)


# --- full and read-only ---------------------------------------------------------------------------


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Mount a file system of 16 MB in memory, which only root may do."""
    folder.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, free_kb: int) -> Path:
    """Leave this much room in a file system; return the file that fills it."""
    filler, status = folder / "filler", os.statvfs(folder)
    filler.write_bytes(b"x" * (status.f_bavail * status.f_frsize - free_kb * 1024))
    return filler


#: From room for nothing to room for the whole send.
FREE_KB = range(0, 2000, 40)


@pytest.mark.parametrize("free_kb", sample(FREE_KB, of=10))
def test_on_a_full_disk_nothing_is_sent_without_its_mark(
    tmp_path: Path, template: Path, sink: ScriptedSink, free_kb: int
) -> None:
    folder = tmp_path / "small"
    with mounted(folder):
        config = copy_to(folder, template, sink)
        filler = fill(folder, free_kb=free_kb)
        error = try_to_send(config)
        assert error or free_kb > FREE_KB[0]
        if error:
            assert getattr(error, "exit_code", None) is ExitCode.TRY_LATER, error
            assert str(folder) in str(error)
            assert "full" in str(error)
            assert "\n" not in str(error)
        filler.unlink()
        check_after(config, sink)


def test_a_read_only_database_sends_nothing_and_says_so(
    tmp_path: Path, template: Path, sink: ScriptedSink
) -> None:
    folder = tmp_path / "small"
    with mounted(folder):
        config = copy_to(folder, template, sink)
        remount = ["mount", "-o", "remount,ro", str(folder)]
        subprocess.run(remount, check=True)
        with pytest.raises(StoreError, match=str(folder)) as refused:
            send_now(config)
        assert refused.value.exit_code is ExitCode.TRY_LATER
        assert "read-only" in str(refused.value)
        assert sink.accepted.total() == 0
        subprocess.run([*remount[:2], "remount,rw", str(folder)], check=True)
        check_after(config, sink)


# --- locked ---------------------------------------------------------------------------------------


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do some work in another thread during the block."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def hold_lock(database: Path, sink: ScriptedSink, until: Callable[[], bool]) -> None:
    """Hold the write lock from the first mails on."""
    wait_until(lambda: sink.accepted.total() >= _SOME)
    with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        wait_until(until)
        connection.execute("ROLLBACK")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.002)


def test_a_lock_that_is_short_only_delays_the_send(
    tmp_path: Path, template: Path, sink: ScriptedSink
) -> None:
    config = copy_to(tmp_path / "work", template, sink)
    held_until: list[float] = []

    def is_over() -> bool:
        held_until[:] = held_until or [time.monotonic() + (5 if IS_PROOF else 0.3)]
        return time.monotonic() > held_until[0]

    database = config.with_name("digest.db")
    with beside(lambda: hold_lock(database, sink, is_over)):
        assert send_now(config).accounting.sent == SUBSCRIBERS
    assert sink.accepted == dict.fromkeys(EVERYBODY, 1)


def test_a_lock_that_is_long_ends_the_send_and_loses_nothing(
    tmp_path: Path, template: Path, sink: ScriptedSink
) -> None:
    config = copy_to(tmp_path / "work", template, sink)
    is_over = threading.Event()
    database = config.with_name("digest.db")
    with beside(lambda: hold_lock(database, sink, is_over.is_set)):
        try:
            with pytest.raises(StoreError, match="locked by another process") as refused:
                send_now(config, patience_s=30 if IS_PROOF else 0.2)
        finally:
            is_over.set()
    assert refused.value.exit_code is ExitCode.TRY_LATER
    assert sink.accepted.total() <= _SOME + 4 * CONNECTIONS
    check_after(config, sink)


# --- damaged --------------------------------------------------------------------------------------


def damage(database: Path, random: Random) -> None:
    """Change some bytes of a file, or cut its end off."""
    content = bytearray(database.read_bytes())
    if random.random() < 0.2:
        del content[random.randrange(len(content)) :]
    for _ in range(random.choice((1, 4, 16, 64))):
        content[random.randrange(len(content) or 1)] ^= 1 << random.randrange(8)
    database.write_bytes(content)


def is_sound(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?immutable=1", uri=True)) as connection:
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return False


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("editions", "created_at"),  # read with the draft
        ("subscriptions", "joined_at"),  # read with each claimed row
        ("meta", "value"),  # has a word of an enumeration
    ],
)
def test_a_stored_value_that_cannot_be_read_is_damage(
    tmp_path: Path, template: Path, sink: ScriptedSink, table: str, column: str
) -> None:
    config = copy_to(tmp_path / "work", template, sink)
    with closing(sqlite3.connect(config.with_name("digest.db"))) as connection, connection:
        # As one flipped bit may leave it: SQLite does not see that.
        change = f"UPDATE {table} SET {column} = substr({column}, 1, 4) || char(13) || {column}"  # noqa: S608
        connection.execute(change)
    assert_refused(try_to_send(config), sink)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("editions", "snapshot"),
        ("subscriptions", "language"),  # read with the audience
        ("people", "address"),  # read with each claimed row
    ],
)
def test_a_text_with_a_flipped_bit_is_damage(
    tmp_path: Path, template: Path, sink: ScriptedSink, table: str, column: str
) -> None:
    config = copy_to(tmp_path / "work", template, sink)
    with closing(sqlite3.connect(config.with_name("digest.db"))) as connection, connection:
        connection.execute(f"UPDATE {table} SET {column} = CAST({column} AS BLOB)")  # noqa: S608
    assert_refused(try_to_send(config), sink)


@pytest.mark.parametrize("other", ["'one'", "x'00ff'", "1.5"])
def test_a_number_that_is_none_is_damage(
    tmp_path: Path, template: Path, sink: ScriptedSink, other: str
) -> None:
    config = copy_to(tmp_path / "work", template, sink)
    with closing(sqlite3.connect(config.with_name("digest.db"))) as connection, connection:
        connection.execute(f"UPDATE subscriptions SET seen_seq = {other}")  # noqa: S608
    assert_refused(try_to_send(config), sink)


def test_a_blob_with_a_flipped_bit_is_damage(
    tmp_path: Path, template: Path, sink: ScriptedSink
) -> None:
    config = tmp_path / "work" / "config.toml"
    shutil.copytree(template, config.parent)
    assert isinstance(try_to_send(config), RelayError)  # frozen, not sent
    set_relay(config, sink)
    with closing(sqlite3.connect(config.with_name("digest.db"))) as connection, connection:
        connection.execute("UPDATE variants SET pieces = 'a text of some length'")
    assert_refused(try_to_send(config), sink)


def test_a_damaged_database_sends_nothing_and_is_one_line(
    tmp_path: Path, template: Path, sink: ScriptedSink
) -> None:
    cases = range(200) if IS_PROOF else range(24)
    refused = 0
    for seed in cases:
        sink.accepted.clear()
        config = copy_to(tmp_path / str(seed), template, sink)
        database = config.with_name("digest.db")
        damage(database, Random(seed))
        was_sound = is_sound(database)
        error = try_to_send(config)
        refused += error is not None
        assert "\n" not in str(error), (seed, error)
        if not was_sound:
            assert getattr(error, "exit_code", None) is ExitCode.REFUSED, (seed, error)
            assert sink.accepted.total() == 0, seed
        assert set(sink.accepted.values()) <= {1}
        shutil.rmtree(config.parent)
    assert refused > len(cases) // 4
    record("damaged-database", cases=len(cases), refused=refused, tracebacks=0)
