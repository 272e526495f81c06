"""Parser processes that all tests of this process share; to start one takes half a second."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from digest.readers.parsing.pool import ParserPool


class SharedPool(ParserPool):
    """A pool on an event loop of its own, so that tests on other loops can use it."""

    def __init__(self) -> None:
        super().__init__(deadline_s=60)  # detects a hang only
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._start_there(self.__aenter__()).result()

    def close(self) -> None:
        """End the processes."""
        self._start_there(self.__aexit__(None, None, None)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _run(self, job: str, name: str, *arguments: Any) -> Any:
        work = super()._run(job, name, *arguments)
        return await asyncio.wrap_future(self._start_there(work))

    def _start_there(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop)
