"""Asks DNS, through the system's resolvers or a given one."""

from __future__ import annotations

from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver
import dns.reversename

from digest.errors import UsageError

#: Seconds for one question, all tries included.
_LIFETIME_S = 5.0


class CannotAskError(Exception):
    """No answer came; whether the record exists is unknown."""


class Dns:
    """Asks for records; an empty answer means that there is none."""

    def __init__(self, server: str = "") -> None:
        """Set the server, such as `127.0.0.1:5353`; empty for the system's.

        Raises:
            UsageError: the server is not an address.
        """
        self._resolver = dns.asyncresolver.Resolver(configure=not server)
        self._resolver.lifetime = _LIFETIME_S
        if server:
            host, _, port = server.rpartition(":")
            try:
                self._resolver.nameservers = [host or server]
                self._resolver.port = int(port) if host else 53
            except ValueError as error:
                raise UsageError(
                    f"--dns {server!r}: use an address such as 127.0.0.1:53"
                ) from error

    async def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of a name, each as one text."""
        return tuple(
            b"".join(each.strings).decode("utf-8", "replace")
            for each in await self._ask(name, "TXT")
        )

    async def mail_hosts(self, name: str) -> tuple[str, ...]:
        """Return the hosts of a domain's MX records, the preferred first; `.` for none at all."""
        found = sorted(await self._ask(name, "MX"), key=lambda each: int(each.preference))
        return tuple(str(each.exchange).rstrip(".") or "." for each in found)

    async def addresses(self, name: str) -> tuple[str, ...]:
        """Return the IPv4 and IPv6 addresses of a host."""
        found = [*await self._ask(name, "A"), *await self._ask(name, "AAAA")]
        return tuple(str(each.address) for each in found)

    async def names(self, address: str) -> tuple[str, ...]:
        """Return the names of an address (PTR)."""
        found = await self._ask(str(dns.reversename.from_address(address)), "PTR")
        return tuple(str(each.target).rstrip(".") for each in found)

    async def _ask(self, name: str, kind: str) -> tuple[Any, ...]:
        try:
            answer = await self._resolver.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, ValueError, OSError) as error:
            raise CannotAskError(f"{name} {kind}: {_reason(error)}") from error
        return tuple(answer.rrset or ())


def _reason(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "no answer in time"
    return " ".join(str(error).split())[:200] or type(error).__name__
