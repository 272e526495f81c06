"""What every test may ask for."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.figures import IS_PROOF

# Examples are counted, not timed: a busy machine must not fail a test. They are the same each
# time, so that a change is judged by what it changes; the long runs search anew.
settings.register_profile("digest", deadline=None, derandomize=not IS_PROOF)
settings.load_profile("digest")


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
