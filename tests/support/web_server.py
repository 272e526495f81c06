"""The program's web server on a free port, and requests to it."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from digest.web.server import Listener, open_listener, serve


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a request."""

    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Site:
    """The address of a server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_read: bool = True,
    ) -> Answer:
        """Send a request; if not `is_read`, the body of the answer is left, as of a stream."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(
                status=answer.status, headers=found, body=answer.read() if is_read else b""
            )
        finally:
            connection.close()


@contextmanager
def serving(app: ASGIApp, *, port: int = 0) -> Iterator[Site]:
    """Serve an application on a thread until the block ends; by default on a free port."""
    listener = open_listener(app, "127.0.0.1", port)
    started: Future[Callable[[], object]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(listener, started)))
    thread.start()
    try:
        yield Site(listener.socket.getsockname()[1])
    finally:
        started.result(timeout=120)()
        thread.join(timeout=120)
        listener.socket.close()


async def _serve(listener: Listener, started: Future[Callable[[], object]]) -> None:
    """Serve; `started` gets a function that stops the server from another thread."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    started.set_result(lambda: loop.call_soon_threadsafe(stop.set))
    await serve([listener], stop=stop)
