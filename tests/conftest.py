"""What every test may ask for."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import settings

from tests.support.figures import IS_PROOF
from tests.support.postgres import run_folder

# Examples are counted, not timed: a busy machine must not fail a test. They are the same each
# time, so that a change is judged by what it changes; the long runs search anew.
settings.register_profile("digest", deadline=None, derandomize=not IS_PROOF)
settings.load_profile("digest")


def pytest_configure(config: pytest.Config) -> None:
    """Offer the run a PostgreSQL; workers of xdist take part in what the first process offers."""
    if not hasattr(config, "workerinput"):
        offer = ExitStack()
        offer.enter_context(run_folder())
        config.add_cleanup(offer.close)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first, so that none of them is waited for at the end."""
    items.sort(key=lambda item: not (is_marked(item, "proof") or is_marked(item, "long")))


def is_marked(item: pytest.Item, marker: str) -> bool:
    """Whether a test, or the file it is in, bears a marker."""
    return item.get_closest_marker(marker) is not None


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the program does."""
    return "asyncio"
