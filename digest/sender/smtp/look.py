"""Looks at a relay without mailing anything: its encryption, its login, its extensions."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiosmtplib

from digest.sender.relay import Relay
from digest.sender.smtp.envelope import Offer
from digest.sender.smtp.opening import log_in_to

_QUIT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayLook:
    """The facts that a relay showed."""

    #: Such as `TLSv1.3`; empty without encryption.
    tls: str
    #: The end of its certificate; None without encryption.
    certificate_ends_at: datetime | None
    offer: Offer
    #: Its extensions, in lower case, sorted.
    extensions: tuple[str, ...]


async def look_at(relay: Relay) -> RelayLook:
    """Connect, secure, log in and leave.

    Raises:
        CannotOpenError: one of these steps failed.
    """
    client = await log_in_to(relay)
    try:
        transport = client.transport
        found = transport.get_extra_info("ssl_object") if transport else None
        return RelayLook(
            tls=(found.version() or "") if found else "",
            certificate_ends_at=_end_of(found.getpeercert()) if found else None,
            offer=Offer.of(client.esmtp_extensions),
            extensions=tuple(sorted(client.esmtp_extensions)),
        )
    finally:
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(_QUIT_TIMEOUT_S):
                await client.quit()
        client.close()


def _end_of(certificate: dict[str, object] | None) -> datetime | None:
    ends = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None
