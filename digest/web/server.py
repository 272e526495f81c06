"""Serves several applications from one process, each on its own listener."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from digest.errors import UsageError

#: Seconds that open requests get to end; a page takes far less.
GRACE_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An application and the socket it answers on."""

    app: ASGIApp
    socket: socket.socket


def open_listener(app: ASGIApp, host: str, port: int) -> Listener:
    """Open a port; 0 takes a free one.

    Raises:
        UsageError: the port cannot be opened.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another port under [web]"
        ) from error
    return Listener(app=app, socket=opened)


async def serve(listeners: Sequence[Listener], *, stop: asyncio.Event) -> None:
    """Serve until `stop` is set or a server ends; finish the open requests."""
    servers = [_Server(_config(listener.app)) for listener in listeners]
    running = [
        asyncio.create_task(server.serve(sockets=[listener.socket]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


class _Server(uvicorn.Server):
    """Leaves signals to the caller, because two servers cannot both handle them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        # Addresses of pages contain tokens, and more people read a log than a mail.
        access_log=False,
        # Otherwise a header could make a foreign address look like loopback.
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=16 * 1024,
        timeout_graceful_shutdown=GRACE_S,
    )
