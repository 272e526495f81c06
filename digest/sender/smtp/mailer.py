"""One connection to the first relay that works."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic

from digest.sender.relays import Relays, RelayState, Wait
from digest.sender.smtp.opening import CannotOpenError, open_connection
from digest.sender.smtp.session import Session
from digest.sender.work import Work

#: How long a connection waits for a relay that cannot be reached, in seconds.
PATIENCE_S = 3.0

_log = logging.getLogger(__name__)


class SmtpMailer:
    """One connection; reopened if it breaks, reached its limit, or its relay must not be used."""

    def __init__(self, relays: Relays, *, patience_s: float = PATIENCE_S) -> None:
        """Set the relays; the first mail connects.

        Args:
            relays: the relays, and what the process knows of them.
            patience_s: how long to wait for a relay that may be down.
        """
        self._relays = relays
        self._patience_s = patience_s
        self._session: Session | None = None
        self._state: RelayState | None = None

    async def send(self, work: Work) -> None:
        """Hand over mails until there is none any more.

        Raises:
            RelayError: no relay works; the message names each relay and its reason.
        """
        while await work.wait():  # before a connection is opened
            if self._session is None or not self._session.can_send():
                await self.close()
                self._session = await self._open()
            await self._session.send(work)

    async def close(self) -> None:
        """Close the connection."""
        session, self._session = self._session, None
        state, self._state = self._state, None
        if session is not None and state is not None:
            state.opened -= 1
            await session.close()

    async def _open(self) -> Session:
        """Open a connection to the first relay that works; wait a little if that may help."""
        deadline_s = monotonic() + self._patience_s
        while True:
            state = self._relays.pick(monotonic())
            if isinstance(state, Wait):
                if state.until_s > deadline_s:
                    raise self._relays.error()
                await asyncio.sleep(max(0.0, state.until_s - monotonic()))
            elif session := await self._try(state):
                self._state = state
                state.opened += 1
                return session
            elif state.opened:  # it takes no more connections than those
                raise self._relays.error()

    async def _try(self, state: RelayState) -> Session | None:
        try:
            session = await open_connection(state)
        except CannotOpenError as failure:
            _log.warning("%s", failure)
            now_s = monotonic()
            self._relays.failed(state, str(failure), now_s, is_final=failure.is_final)
            return None
        self._relays.worked(state)
        return session
