"""The rows of a group of marks as parameters: every text arrives, and no other row is read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import select, text

from digest.store.claims import claim_due
from digest.store.deliveries import Sent, record_sent
from digest.store.engine import Database
from digest.store.pipelined import marks_of
from digest.store.tables import deliveries
from tests.support.databases import new_database
from tests.support.ledger_rows import NOW, fill_ledger

_SCANS = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'")


def test_replies_are_stored_as_the_relay_wrote_them(database: Database) -> None:
    replies = ['"quoted", {a\\b}\\', "NULL", "", "grüße, %s"]
    fill_ledger(database, len(replies))
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
        sent = [Sent(key, None, reply, "a:25") for key, reply in enumerate(replies, 1)]
        assert record_sent(connection, sent, "me", now=NOW) == len(replies)
        stored = connection.execute(
            select(deliveries.c.reply_text, deliveries.c.reply_code).order_by(deliveries.c.id)
        ).all()
    assert [tuple(row) for row in stored] == [(reply, None) for reply in replies]


def test_a_mark_on_postgresql_reads_its_rows_alone(tmp_path: Path) -> None:
    with closing(new_database("postgresql", tmp_path)) as database:
        fill_ledger(database, 3000)
        database.refresh_statistics()
        with database.write() as connection:
            claim_due(connection, 1, "me", now=NOW)
        with database.write() as connection:
            before = connection.scalar(_SCANS)
            statement, values = marks_of(connection.dialect, (), [1, 2], "me", 1, NOW)
            assert connection.exec_driver_sql(statement, dict(values)).rowcount == 2
            assert connection.scalar(_SCANS) == before
