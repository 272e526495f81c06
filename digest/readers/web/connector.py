"""Connects to the public web only: `guard` checks each name and address before a connection."""

from __future__ import annotations

import socket

from aiohttp import AddrInfoType, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from digest.readers.web.guard import refuse_address


class RefusedAddressError(OSError):
    """A host name resolves to an address inside this network."""


def guarded_connector() -> TCPConnector:
    """Return a connector that reaches the public web only.

    The HTTP client parses hosts by its own rules (it takes full-width digits for an address), so
    the last check is on the address that is really connected to.
    """
    return TCPConnector(
        resolver=GuardedResolver(ThreadedResolver()), socket_factory=open_guarded_socket
    )


class GuardedResolver(AbstractResolver):
    """Resolves host names and refuses those with any address inside this network."""

    def __init__(self, resolver: AbstractResolver) -> None:
        """Keep the resolver that does the lookups."""
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of `host`.

        Raises:
            RefusedAddressError: one of the addresses is inside this network.
        """
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            _check(result["host"])
        return found

    async def close(self) -> None:
        """Close the resolver that does the lookups."""
        await self._resolver.close()


def open_guarded_socket(target: AddrInfoType) -> socket.socket:
    """Return a socket for a connection to `target`.

    Raises:
        RefusedAddressError: the target is inside this network.
    """
    family, kind, protocol, _, address = target
    _check(str(address[0]))
    return socket.socket(family, kind, protocol)


def _check(address: str) -> None:
    refusal = refuse_address(address)
    if refusal:
        raise RefusedAddressError(refusal)
