"""A connection to the first relay that works."""

from __future__ import annotations

import asyncio
import logging

from digest.errors import RelayError, RelaySetupError
from digest.sender.relay import Relay
from digest.sender.smtp.opening import CannotOpenError, open_connection
from digest.sender.smtp.session import Session
from digest.sender.work import Work

_log = logging.getLogger(__name__)


class SmtpMailer:
    """One connection to the first relay that works; reopened if it breaks or reached its limit."""

    def __init__(
        self, relays: tuple[Relay, ...], *, pauses_s: tuple[float, ...] = (0.2, 1.0)
    ) -> None:
        """Set the relays; `open` or the first message connects.

        Args:
            relays: the relays, in the order in which they are tried.
            pauses_s: the waits before each further round over all relays, in seconds.
        """
        self._relays = relays
        self._pauses_s = pauses_s
        self._connection: Session | None = None

    async def open(self) -> None:
        """Connect to the first relay that works, unless a connection is open.

        Raises:
            RelayError: no relay works; the message names each relay and its reason.
        """
        await self._usable()

    async def send(self, work: Work) -> None:
        """Hand over mails until there is none any more.

        Raises:
            RelayError: the connection was closed and no relay works.
        """
        while await work.wait():  # before a connection is opened
            session = await self._usable()
            await session.send(work)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _usable(self) -> Session:
        if self._connection is not None and not self._connection.is_usable:
            await self.close()
        if self._connection is None:
            self._connection = await self._open_any()
        return self._connection

    async def _open_any(self) -> Session:
        """Try the relays in order; try again after a pause if that may help."""
        for pause_s in (0.0, *self._pauses_s):
            await asyncio.sleep(pause_s)
            failures: list[CannotOpenError] = []
            for relay in self._relays:
                try:
                    connection = await open_connection(relay)
                except CannotOpenError as failure:
                    failures.append(failure)
                else:
                    _warn(failures)
                    return connection
            if all(failure.is_final for failure in failures):
                break
        is_final = all(failure.is_final for failure in failures)
        error = RelaySetupError if is_final else RelayError
        raise error("; ".join(str(failure) for failure in failures))


def _warn(failures: list[CannotOpenError]) -> None:
    """Log the relays that failed before one worked; if none works, the error names them."""
    for failure in failures:
        _log.warning("%s; using the next relay", failure)
