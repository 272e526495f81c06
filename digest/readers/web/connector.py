"""Connections to the open web only: names and addresses are asked of `guard` before each."""

from __future__ import annotations

import socket

from aiohttp import AddrInfoType, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from digest.readers.web.guard import refuse_address


class RefusedAddressError(OSError):
    """A name leads into this network."""


def guarded_connector() -> TCPConnector:
    """Give a connector that reaches the open web only.

    The client reads hosts by rules of its own (full-width digits are an address to it), so what
    is checked last is what is connected to.
    """
    return TCPConnector(
        resolver=GuardedResolver(ThreadedResolver()), socket_factory=open_guarded_socket
    )


class GuardedResolver(AbstractResolver):
    """Resolves names and refuses those with any address inside this network."""

    def __init__(self, resolver: AbstractResolver) -> None:
        """Keep what really resolves."""
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the addresses of `host`.

        Raises:
            RefusedAddressError: one of them is inside this network.
        """
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            _check(result["host"])
        return found

    async def close(self) -> None:
        """Close what really resolves."""
        await self._resolver.close()


def open_guarded_socket(target: AddrInfoType) -> socket.socket:
    """Give a socket that may be connected to `target`.

    Raises:
        RefusedAddressError: it is inside this network.
    """
    family, kind, protocol, _, address = target
    _check(str(address[0]))
    return socket.socket(family, kind, protocol)


def _check(address: str) -> None:
    refusal = refuse_address(address)
    if refusal:
        raise RefusedAddressError(refusal)
