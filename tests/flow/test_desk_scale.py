"""Every page of the desk: few statements, and no more work with many subscribers than with few.

The work is counted in steps of SQLite's virtual machine, so that no clock is needed; the times of a
million subscribers, on both engines, are measured by `python -m bench.desk`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bench.desk import STATEMENTS, FilledDesk, counted, filled_desk
from tests.support.databases import new_file
from tests.support.figures import IS_PROOF

pytestmark = [pytest.mark.long, pytest.mark.proof]

MANY, FEW, EDITIONS = 20_000 if IS_PROOF else 8_000, 1_000, 12
#: Steps between two calls of the counter, and those that every page may differ by.
_EVERY, _SLACK = 100, 10_000


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FilledDesk, FilledDesk]]:
    with ExitStack() as stack:
        found = []
        for subscribers in (MANY, FEW):
            folder = tmp_path_factory.mktemp("desk")
            new_file(folder / "digest.db").close()
            url = f"sqlite:///{folder}/digest.db"
            desk = filled_desk(folder, url, subscribers=subscribers, past=EDITIONS)
            found.append(stack.enter_context(desk))
        yield found[0], found[1]


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """Count the steps of all SQLite databases of this process."""
    steps = [0]

    def count() -> None:
        steps[0] += _EVERY

    def begin(connection: Any, *_: Any) -> None:
        connection.connection.dbapi_connection.set_progress_handler(count, _EVERY)

    event.listen(Engine, "before_cursor_execute", begin)
    try:
        yield steps
    finally:
        event.remove(Engine, "before_cursor_execute", begin)


def work_of(desk: FilledDesk, path: str) -> tuple[int, int, int]:
    """Return the status, the statements and the steps of a page asked for a second time."""
    desk.site.ask(path)
    with counted() as statements, counted_steps() as steps:
        answer = desk.site.ask(path)
    return answer.status, len(statements), steps[0]


def test_every_page_has_few_statements_and_no_more_work_for_many_subscribers(
    desks: tuple[FilledDesk, FilledDesk],
) -> None:
    many, few = desks
    found = []
    for page, peer in zip(many.paths(), few.paths(), strict=True):
        status, statements, steps = work_of(many, page)
        _, _, fewer = work_of(few, peer)
        if status >= 500 or statements > STATEMENTS or steps > 1.5 * fewer + _SLACK:
            found.append(f"{page}: {status}, {statements} statements, {steps} steps, few {fewer}")
    assert found == []
