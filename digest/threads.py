"""A thread that runs one call after another, and gives each result to the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

_T = TypeVar("_T")

#: Takes the result of a call, or its error.
Done = Callable[[Any, BaseException | None], None]


class CallThread:
    """The thread; it starts with the first call.

    An executor does the same, with two futures and four locks for each call.
    """

    def __init__(self, name: str) -> None:
        """Prepare; the event loop must run."""
        self._loop = asyncio.get_running_loop()
        self._calls: SimpleQueue[tuple[Callable[[], Any], Done] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        #: Calls that the thread has, or whose end the event loop does not know yet.
        self._unfinished = 0

    @property
    def is_idle(self) -> bool:
        """Whether no call runs or waits."""
        return not self._unfinished

    def run(self, call: Callable[[], Any], done: Done) -> None:
        """Run a call in the thread, and then `done` in the event loop."""
        if not self._thread.ident:
            self._thread.start()
        self._unfinished += 1
        self._calls.put((call, done))

    async def result(self, call: Callable[[], _T]) -> _T:
        """Run a call in the thread and return its result."""
        waiting: asyncio.Future[_T] = self._loop.create_future()

        def done(result: _T, error: BaseException | None) -> None:
            if waiting.done():  # its caller was cancelled
                return
            if error is None:
                waiting.set_result(result)
            else:
                waiting.set_exception(error)

        self.run(call, done)
        return await waiting

    def close(self) -> None:
        """Wait for the calls, and end the thread."""
        if self._thread.ident:
            self._calls.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (work := self._calls.get()) is not None:
            call, done = work
            result, error = None, None
            try:
                result = call()
            except BaseException as raised:  # whatever it is, somebody waits for it
                error = raised
            self._loop.call_soon_threadsafe(self._end, done, result, error)
            del work, call, done, result, error

    def _end(self, done: Done, result: Any, error: BaseException | None) -> None:
        self._unfinished -= 1
        done(result, error)
