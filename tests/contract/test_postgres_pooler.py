"""Which poolers are recognized between this program and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from psycopg import errors

from digest.store.engines.postgres_pooler import is_pooled, shares_sessions


class Pooler:
    """The processes of a server, and how a pooler gives them to clients."""

    def __init__(self, mode: str, *, size: int = 20) -> None:
        self.mode = mode
        self.free = list(range(100, 100 + size))


class Client:
    """A client of a pooler, with as much of psycopg's connection as the check uses."""

    def __init__(self, pooler: Pooler, *, sent: int = 0) -> None:
        self.pooler = pooler
        self.info = SimpleNamespace(backend_pid=sent)
        self.own = pooler.free.pop() if pooler.mode == "session" else 0

    def execute(self, _statement: str, *, prepare: bool) -> SimpleNamespace:
        assert not prepare
        process = self.own or self.pooler.free[-1]
        if self.pooler.mode == "in turns":
            self.pooler.free = [process, *self.pooler.free[:-1]]
        return SimpleNamespace(fetchone=lambda: (process,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.pooler.mode == "statement":
            raise errors.ProtocolViolation("transaction blocks not allowed")
        kept, self.own = self.own, self.own or self.pooler.free.pop()
        yield
        self.own = kept

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("mode", "size", "is_shared"),
    [
        ("session", 20, False),
        ("transaction", 20, True),
        ("transaction", 1, True),
        ("statement", 20, True),
        ("in turns", 20, True),
    ],
)
def test_a_pooler_is_refused_unless_it_keeps_a_session_for_one_client(
    mode: str, size: int, is_shared: bool
) -> None:
    pooler = Pooler(mode, size=size)
    assert shares_sessions(Client(pooler), lambda: Client(pooler)) is is_shared


def test_a_pooler_is_seen_by_the_process_number_that_it_invents() -> None:
    assert is_pooled(Client(Pooler("session"), sent=7))
    assert not is_pooled(Client(Pooler("session"), sent=119))
