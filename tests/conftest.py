"""What every test may ask for."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.figures import IS_PROOF

# Examples are counted, not timed: a busy machine must not fail a test. They are the same each
# time, so that a change is judged by what it changes; the long runs search anew.
settings.register_profile("digest", deadline=None, derandomize=not IS_PROOF)
settings.load_profile("digest")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the program does."""
    return "asyncio"
