from __future__ import annotations

import subprocess
import sys

import pytest

from digest.models import DeliveryState
from digest.store.closing import close_edition, list_unknown, read_accounting
from digest.store.engine import Database
from tests.kill_harness import KILLS, kill_in_mid_send, slow_server
from tests.ledger_rows import NOW, open_ledger, states

RECIPIENTS = 2000
CONNECTIONS = 4


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, dict[str, int]]:
    """Give the ledger and what arrived, after a send that was killed and then run to its end."""
    folder = tmp_path_factory.mktemp("kill")
    database = open_ledger(folder / "digest.db", RECIPIENTS)
    with slow_server(folder) as server:
        command = [sys.executable, "-m", "tests.send_driver", str(folder / "digest.db")]
        command += [str(server.port), str(CONNECTIONS)]
        most_mails = RECIPIENTS // (KILLS + 2)
        codes = [kill_in_mid_send(command, server, most_mails=most_mails) for _ in range(KILLS)]
        subprocess.run(command, check=True, timeout=60)
        assert codes == [-9] * KILLS
        return database, dict(server.arrived())


def test_nobody_gets_two(killed: tuple[Database, dict[str, int]]) -> None:
    _, arrived = killed
    assert {key: count for key, count in arrived.items() if count > 1} == {}


def test_nobody_is_lost(killed: tuple[Database, dict[str, int]]) -> None:
    database, arrived = killed
    found = states(database)
    assert set(found.values()) <= {DeliveryState.SENT, DeliveryState.UNKNOWN}
    sent = {number for number, state in found.items() if state is DeliveryState.SENT}
    assert {n for n in sent if f"<e1.{n}@example.org>" not in arrived} == set()


def test_what_is_in_doubt_is_listed_and_at_most_one_a_connection_and_kill(
    killed: tuple[Database, dict[str, int]],
) -> None:
    database, _ = killed
    with database.read() as connection:
        unknown = list_unknown(connection, 1)
    in_doubt = [n for n, state in states(database).items() if state is DeliveryState.UNKNOWN]
    assert [row.subscriber_id for row in unknown] == in_doubt
    assert len(unknown) <= KILLS * CONNECTIONS


def test_the_sum_comes_out_and_the_file_is_sound(
    killed: tuple[Database, dict[str, int]],
) -> None:
    database, _ = killed
    with database.write() as connection:
        accounting = read_accounting(connection, 1)
        assert accounting.frozen == RECIPIENTS == accounting.sent + accounting.unknown
        assert close_edition(connection, 1, now=NOW)
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    leftovers = list((database.path.parent / "digest.db.workers").iterdir())
    assert leftovers == []
