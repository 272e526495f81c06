"""What every test may ask for."""

from __future__ import annotations

import pytest
from hypothesis import settings

# Examples are counted, not timed: a busy machine must not fail a test.
settings.register_profile("digest", deadline=None)
settings.load_profile("digest")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the program does."""
    return "asyncio"
