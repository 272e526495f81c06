"""Failed sign-ins, by name and by network; they survive a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from digest.store.tables import sign_in_failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The failed sign-ins of one name or one network."""

    count: int
    last_at: datetime


def read_failures(connection: Connection, hashes: Sequence[str]) -> dict[str, Failures]:
    """Return the failures by hash; a hash without any is left out."""
    query = select(sign_in_failures).where(sign_in_failures.c.hash.in_(hashes))
    return {
        row.hash: Failures(count=row.failures, last_at=row.at) for row in connection.execute(query)
    }


def count_failure(connection: Connection, hashed: str, *, now: datetime) -> None:
    """Count one more failure; the caller must hold the turn of a writer."""
    known = update(sign_in_failures).where(sign_in_failures.c.hash == hashed)
    counted = connection.execute(known.values(failures=sign_in_failures.c.failures + 1, at=now))
    if not counted.rowcount:
        connection.execute(insert(sign_in_failures).values(hash=hashed, failures=1, at=now))


def forget_failures(connection: Connection, hashed: str) -> None:
    """Forget the failures of one hash."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.hash == hashed))


def take_back_failure(connection: Connection, hashed: str) -> None:
    """Count one failure less."""
    connection.execute(
        update(sign_in_failures)
        .where(sign_in_failures.c.hash == hashed, sign_in_failures.c.failures > 0)
        .values(failures=sign_in_failures.c.failures - 1)
    )


def forget_old_failures(connection: Connection, *, before: datetime) -> None:
    """Forget the failures whose last one is older."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at < before))
