"""A database that was put back or copied does not send until the operator adopts it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from digest.app import App
from digest.errors import Refused
from digest.models import Actor, EditionState
from digest.newsroom import Newsroom
from digest.newsroom.adopt import Adoption, adopt
from digest.newsroom.service.poll import poll
from digest.newsroom.state import check_state
from digest.store import drafts, editions
from digest.store.engine import Database
from digest.store.handed import total_handed
from digest.store.migrate import upgrade
from digest.store.tables import slots
from subscribers.tables import subscriptions
from tests.support.desk_work import Desk
from tests.support.kill_harness import SlowServer
from tests.support.life import SLOT, Life
from tests.support.project import Project

pytestmark = pytest.mark.long

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
ANNA = Actor(name="anna")
FIRST, SECOND, THIRD = "2026-11-23T07:00", "2026-11-30T07:00", "2026-12-07T07:00"


def state_of(folder: Path) -> Any:
    return json.loads((folder / "digest.db.state").read_text("utf-8"))


def copy_database(life: Life, target: Path) -> None:
    target.unlink(missing_ok=True)
    life.context.database.backup(target)


def put_back(life: Life, copy: Path) -> None:
    """Replace the content of the database by a copy's."""
    write_copy(copy, Path(life.context.database.name))
    life.context = life.another_world()


def write_copy(copy: Path, database: Path) -> None:
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(database)) as target:
        source.backup(target)


def remove_database(folder: Path) -> None:
    for path in folder.glob("digest.db*"):
        if path.is_file() and path.name != "digest.db.state":
            path.unlink()


def adopted(life: Life, *, seen_now: bool) -> Adoption:
    return adopt(life.context, seen_now=seen_now, by=ANNA)


# --- the file -----------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_new_database_sends_and_its_state_file_knows_the_last_slot(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT + HOUR)
    state = state_of(tmp_path)
    assert state["handed_over"] == len(life.letterbox.mails) == 2
    (last,) = state["last_slots"]
    assert (last["newsletter"], last["cadence"], last["local_at"]) == ("weekly", "weekly", FIRST)
    assert (tmp_path / "digest.db.state").stat().st_mode & 0o777 == 0o600
    assert check_state(life.context) == ""


@pytest.mark.anyio
async def test_an_older_copy_that_was_put_back_is_refused_and_sends_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - HOUR)
    copy_database(life, tmp_path / "copy.db")
    await life.live_until(SLOT + HOUR)
    put_back(life, tmp_path / "copy.db")
    before = list(life.letterbox.mails)
    with pytest.raises(Refused, match=r"0 mails handed over, the state file of 2.*--adopt"):
        check_state(life.context)
    await life.look()
    assert life.letterbox.mails == before
    assert [key for key in life.told() if "older copy" in key]


@pytest.mark.anyio
async def test_a_database_without_its_state_file_is_refused_once_it_has_sent(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path)
    check_state(life.context)
    (tmp_path / "digest.db.state").unlink()
    assert check_state(life.context) == ""
    await life.live_until(SLOT + HOUR)
    (tmp_path / "digest.db.state").unlink()
    with pytest.raises(Refused, match="no state file"):
        check_state(life.context)
    adopted(life, seen_now=False)
    assert check_state(life.context) == ""


def test_a_damaged_state_file_is_refused_in_one_line(tmp_path: Path) -> None:
    life = Life(tmp_path)
    check_state(life.context)
    for content in ("", "{", "[]", '{"epoch": 1}', "null"):
        (tmp_path / "digest.db.state").write_text(content, "utf-8")
        with pytest.raises(Refused, match="damaged"):
            check_state(life.context)
    adopted(life, seen_now=False)
    assert check_state(life.context) == ""


@pytest.mark.anyio
async def test_a_newly_created_database_takes_the_place_of_another_with_one_line(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT + HOUR)
    life.context.database.close()
    remove_database(tmp_path)
    life.context = life.another_world()
    upgrade(life.context.unopened_database())
    note = check_state(life.context)
    assert "was of another database" in note
    assert "\n" not in note
    assert (state_of(tmp_path)["handed_over"], state_of(tmp_path)["last_slots"]) == (0, [])
    assert check_state(life.context) == ""


@pytest.mark.anyio
async def test_another_database_that_has_sent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other, life = Life(tmp_path / "other"), Life(tmp_path)
    await other.live_until(SLOT + HOUR)
    check_state(life.context)
    copy_database(other, tmp_path / "copy.db")
    put_back(life, tmp_path / "copy.db")
    with pytest.raises(Refused, match="of another database"):
        check_state(life.context)


# --- adoption -----------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_adoption_gives_up_the_slots_that_may_have_left_and_goes_on_with_the_next(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - HOUR)
    copy_database(life, tmp_path / "copy.db")
    await life.run_until(SLOT + WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + WEEK + HOUR)
    sent = life.letterbox.stories("subscriber1@example.net")
    put_back(life, tmp_path / "copy.db")
    await poll(life.context, life.now)
    done = adopted(life, seen_now=True)
    assert [slot.local_at for slot in done.slots] == [FIRST, SECOND]
    assert done.had_file
    assert [life.slot_states()[name] for name in (FIRST, SECOND)] == ["missed", "missed"]
    await life.run_until(SLOT + 2 * WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + 2 * WEEK + HOUR)
    stories = life.letterbox.stories("subscriber1@example.net")
    assert stories >= sent
    assert set(stories.values()) == {1}
    assert life.slot_states()[THIRD] == "composed"
    assert not [key for key in life.told() if key.endswith("/missed")]


@pytest.mark.anyio
async def test_with_seen_keep_the_next_mail_covers_what_the_copy_did_not_send(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - HOUR)
    copy_database(life, tmp_path / "copy.db")
    await life.live_until(SLOT + HOUR)
    put_back(life, tmp_path / "copy.db")
    assert adopted(life, seen_now=False).moved == 0
    await life.run_until(SLOT + WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + WEEK + HOUR)
    stories = life.letterbox.stories("subscriber1@example.net")
    assert set(stories) == set(range(life.paper.count(SLOT + WEEK)))
    assert max(stories.values()) == 2


@pytest.mark.anyio
async def test_adoption_pauses_what_was_being_sent_and_cancels_drafts(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=3, config='schedule = "Mon 07:00"\nreview = "required"')
    await life.live_until(SLOT - HOUR)
    copy_database(life, tmp_path / "copy.db")
    with life.context.database.read() as connection:
        draft = drafts.open_draft(connection, "weekly", "weekly")
    assert draft is not None
    Newsroom(life.context).newsletter().approve(draft.id, by=ANNA)
    await life.live_until(SLOT + HOUR)
    assert len(life.letterbox.mails) == 3
    put_back(life, tmp_path / "copy.db")
    (given_up,) = adopted(life, seen_now=False).slots
    assert (given_up.local_at, given_up.edition_id) == (FIRST, draft.id)
    assert life.edition_states() == ["cancelled"]


@pytest.mark.anyio
async def test_a_copy_made_during_a_send_is_paused_until_the_operator_decides(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, subscribers=20)
    deliver = life.letterbox.deliver

    async def copy_midway(message: Any, mark: Any) -> Any:
        if len(life.letterbox.mails) == 5:
            copy_database(life, tmp_path / "copy.db")
        return await deliver(message, mark)

    life.letterbox.deliver = copy_midway  # type: ignore[method-assign]  # a double
    await life.live_until(SLOT)
    assert len(life.letterbox.mails) == 20
    put_back(life, tmp_path / "copy.db")
    await life.look()
    done = adopted(life, seen_now=False)
    assert (done.slots, done.paused) == ((), (1,))
    with life.context.database.read() as connection:
        stored = editions.get_edition(connection, 1)
    assert stored is not None
    assert (stored.state, stored.paused_reason) == (EditionState.PAUSED, "restored")
    await life.look()
    assert len(life.letterbox.mails) == 20


@pytest.mark.anyio
async def test_without_a_file_every_slot_up_to_now_counts_as_sent(tmp_path: Path) -> None:
    life = Life(tmp_path, config='schedule = "daily 07:00"')
    await life.live_until(SLOT + HOUR)
    copy_database(life, tmp_path / "copy.db")
    put_back(life, tmp_path / "copy.db")
    (tmp_path / "digest.db.state").unlink()
    life.now = SLOT + 3 * DAY + 2 * HOUR
    done = adopted(life, seen_now=True)
    assert not done.had_file
    assert [slot.local_at[:10] for slot in done.slots] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    with life.context.database.read() as connection:
        reasons = connection.execute(select(slots.c.reason).where(slots.c.state == "missed"))
        assert set(reasons.scalars()) == {"restored"}
        seen = set(connection.execute(select(subscriptions.c.seen_seq)).scalars())
    assert len(seen) == 1
    mails = len(life.letterbox.mails)
    await life.live_until(SLOT + 4 * DAY - HOUR)
    assert len(life.letterbox.mails) == mails
    await life.live_until(SLOT + 4 * DAY + HOUR)
    assert len(life.letterbox.mails) == mails + 2


# --- the commands -------------------------------------------------------------------------------


@pytest.fixture
def sent(tmp_path: Path, relay: SlowServer) -> Desk:
    """Return a newsletter whose edition was sent over a relay, and a copy from before."""
    work = Desk.open(tmp_path)
    work.project.change_config("port = 9", f"port = {relay.port}")
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.compose()
    work.app.database.backup(tmp_path / "copy.db")
    assert work.project.run("send", "--now").code == 0
    return work


def put_copy_back(work: Desk) -> None:
    write_copy(work.project.folder / "copy.db", work.project.database)


def test_send_and_run_end_with_4_and_a_rehearsal_does_not(sent: Desk, relay: SlowServer) -> None:
    put_copy_back(sent)
    arrived = relay.count()
    for command in (("send", "--now"), ("run",)):
        result = sent.project.run(*command)
        assert (result.code, result.err.count("\n")) == (4, 1), result.err
        assert "`digest restore --adopt --seen now|keep`" in result.err
    assert sent.project.run("send", "--dry-run").code == 0
    assert sent.project.run("preview", "--out", str(sent.project.folder / "p")).code == 0
    assert sent.project.run("send", "--now", "--outbox", str(sent.project.folder / "out")).code == 0
    assert relay.count() == arrived
    # Files are not handed over to anybody: they do not make the copy look newer.
    assert sent.project.run("send", "--now").code in (3, 4)
    with sent.app.database.read() as connection:
        assert total_handed(connection) == 0


def test_the_outbox_alone_never_needs_an_adoption(tmp_path: Path) -> None:
    work = Desk.open(tmp_path)
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    work.compose()
    out = tmp_path / "new" / "out"
    assert work.project.run("send", "--now", "--outbox", str(out)).code == 0
    assert check_state(work.app) == ""
    assert [path.stat().st_mode & 0o777 for path in out.iterdir()] == [0o600]
    assert [path.stat().st_mode & 0o777 for path in (out, out.parent)] == [0o700, 0o700]


def test_the_check_of_the_configuration_warns_of_files_that_others_can_read(
    tmp_path: Path,
) -> None:
    work = Desk.open(tmp_path)
    check_state(work.app)
    tmp_path.chmod(0o755)
    assert "other users" not in work.project.run("config", "check").out
    work.project.database.chmod(0o640)
    (tmp_path / "digest.db.state").chmod(0o604)
    tmp_path.chmod(0o777)
    said = work.project.run("config", "check")
    assert said.code == 0
    for advice in ("chmod 600 {}/digest.db`", "chmod 600 {}/digest.db.state`", "chmod go-w {}`"):
        assert advice.format(tmp_path) in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "--adopt"), (("--adopt",), "--seen now"), (("--adopt", "--seen", "maybe"), "keep")],
)
def test_restore_needs_to_know_what_was_seen(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    work = Desk.open(tmp_path)
    result = work.project.run("restore", *arguments)
    assert (result.code, words in result.err) == (2, True)


def test_restore_lists_what_it_did(sent: Desk) -> None:
    put_copy_back(sent)
    result = sent.project.run("restore", "--adopt", "--seen", "now")
    assert (result.code, result.err) == (0, "")
    for words in ("missed (restored)", "1 cancelled", "digest.db.state"):
        assert words in result.out
    again = sent.project.run("restore", "--adopt", "--seen", "keep", "--json")
    assert (again.data["slots"], again.data["paused"], again.data["moved"]) == ([], [], 0)
    assert sent.project.run("send").code == 3


def test_the_state_file_follows_a_send_and_never_leads(tmp_path: Path, relay: SlowServer) -> None:
    work = Desk.open(tmp_path)
    work.project.change_config("port = 9", f"port = {relay.port}")
    work.add_post("A bridge is mended")
    work.add_subscribers(400)
    work.compose()
    seen: list[tuple[int, int]] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.05):
            file = tmp_path / "digest.db.state"
            known = state_of(tmp_path)["handed_over"] if file.exists() else 0
            connection = sqlite3.connect(work.project.database)
            (total,) = connection.execute("SELECT coalesce(sum(mails), 0) FROM handed").fetchone()
            connection.close()
            seen.append((known, total))

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert work.project.run("send", "--now").code == 0
    time.sleep(0.1)
    is_over.set()
    watcher.join()
    assert all(known <= total for known, total in seen)
    assert seen[-1] == (400, 400)


# --- upgrades -----------------------------------------------------------------------------------

_OLD = Path(__file__).parent.parent / "data" / "upgrade"


@pytest.fixture
def older(tmp_path: Path) -> Project:
    """Return an installation of an earlier version that has sent mails."""
    shutil.copy(_OLD / "approved-draft.toml", tmp_path / "config.toml")
    connection = sqlite3.connect(tmp_path / "digest.db")
    connection.executescript((_OLD / "approved-draft.sql").read_text("utf-8"))
    connection.execute(
        "INSERT INTO variants (id, edition_id, key, since_seq, subject, preheader, story_count)"
        " VALUES (99, 1, 'k', 0, '', '', 1)"
    )
    connection.execute(
        "INSERT INTO deliveries (edition_id, subscriber_id, variant_id, not_before, state,"
        " handing_at, ended_at) VALUES (1, 99, 99, '2026-11-16 07:00:00', 'sent',"
        " '2026-11-16 07:00:01', '2026-11-16 07:00:02')"
    )
    connection.commit()
    connection.close()
    return Project(tmp_path)


def test_an_upgraded_installation_goes_on_without_an_adoption(older: Project) -> None:
    assert older.run("status").code == 2
    result = older.run("db", "upgrade")
    assert (result.code, result.err) == (0, "")
    assert state_of(older.folder)["handed_over"] == 1
    assert check_state(App.load(older.config)) == ""


def test_an_upgraded_older_copy_does_not_take_over_a_known_state(older: Project) -> None:
    (older.folder / "digest.db.state").write_text(
        json.dumps({"epoch": "e", "handed_over": 9, "last_slots": []}), "utf-8"
    )
    assert older.run("db", "upgrade").code == 0
    assert state_of(older.folder)["epoch"] == "e"
    with pytest.raises(Refused, match="of another database"):
        check_state(App.load(older.config))


def test_an_upgraded_copy_that_never_sent_does_not_pass_for_a_new_database(
    older: Project,
) -> None:
    connection = sqlite3.connect(older.folder / "digest.db")
    connection.execute("DELETE FROM deliveries")
    connection.commit()
    connection.close()
    (older.folder / "digest.db.state").write_text(
        json.dumps({"epoch": "e", "handed_over": 9, "last_slots": []}), "utf-8"
    )
    assert older.run("db", "upgrade").code == 0
    with pytest.raises(Refused, match="of another database"):
        check_state(App.load(older.config))


def test_a_second_upgrade_writes_no_state_file(older: Project) -> None:
    assert older.run("db", "upgrade").code == 0
    (older.folder / "digest.db.state").unlink()
    assert older.run("db", "upgrade").code == 0
    assert not (older.folder / "digest.db.state").exists()


def test_the_count_is_the_databases_own(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a.db", state=tmp_path / "state")
    assert database.state_file == tmp_path / "state" / "a.db.state"
    server = Database("postgresql://digest@db.example.org/digest", state=tmp_path)
    assert server.state_file == tmp_path / "digest.state"
