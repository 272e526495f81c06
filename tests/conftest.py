"""Fixtures and hooks for all tests."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests.support.figures import IS_PROOF
from tests.support.memory import use_memory
from tests.support.postgres import run_folder
from tests.support.row_order import reverse_unordered_rows
from tests.support.statements import share_statements

# Examples are counted, not timed: a busy machine must not fail a test. They are the same each
# time, so that a change is judged by what it changes; the long runs search anew, and further.
settings.register_profile(
    "digest", deadline=None, derandomize=not IS_PROOF, max_examples=100 if IS_PROOF else 30
)
settings.load_profile("digest")


share_statements()
if not IS_PROOF:  # whose figures are of the program as it is
    reverse_unordered_rows()


def pytest_configure(config: pytest.Config) -> None:
    """Offer the run memory for its files and a PostgreSQL server, for all its processes."""
    if not hasattr(config, "workerinput"):
        use_memory()
        offer = ExitStack()
        offer.enter_context(run_folder())
        config.add_cleanup(offer.close)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow files first, so that the run does not end with one of them."""
    items.sort(key=lambda item: not (is_marked(item, "proof") or is_marked(item, "long")))


def is_marked(item: pytest.Item, marker: str) -> bool:
    """Return whether a test, or its file, has a marker."""
    return item.get_closest_marker(marker) is not None


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the program does."""
    return "asyncio"
