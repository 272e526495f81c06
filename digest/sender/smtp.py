"""Handing messages to a mail relay over connections that stay open.

aiosmtplib connects, secures and logs in. A message goes in plain steps: MAIL, RCPT, the mark,
DATA, content. What a broken connection means is told by the step, never by the kind of error: the
library raises the same one before and after the closing dot.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress

import aiosmtplib

from digest.errors import RelayError
from digest.models import Message, Reply
from digest.sender.attempt import Attempt, Fate, Mark
from digest.sender.relay import Relay
from digest.sender.replies import CLOSING, Phase, is_expected, judge

_log = logging.getLogger(__name__)

#: Messages on one connection; many relays end a session soon after.
MAX_MESSAGES = 100
_MAX_REPLY_CHARS = 500
_QUIT_TIMEOUT_S = 5.0
#: Would end a command, or the address within it.
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")
#: Waits before the relays are tried once more.
_PAUSES_S = (0.2, 1.0)


class _CannotOpen(Exception):
    """A relay does not serve; `is_final` where asking again cannot help."""

    def __init__(self, relay: Relay, reason: str, *, is_final: bool = False) -> None:
        super().__init__(f"relay {relay.name}: {' '.join(reason.split())}")
        self.is_final = is_final


class _Lost(Exception):
    """The connection is of no use any more."""


# --- one connection -----------------------------------------------------------------------------


class SmtpConnection:
    """One session with a relay: open, secured, logged in."""

    def __init__(self, relay: Relay, client: aiosmtplib.SMTP) -> None:
        """Take over a client that `open_connection` made."""
        self._relay = relay
        self._client = client
        self._phase = Phase.MAIL
        self._is_in_step = True
        self._messages = 0

    @property
    def is_usable(self) -> bool:
        """Whether another message may go over it."""
        return self._is_in_step and self._client.is_connected and self._messages < MAX_MESSAGES

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one message over in plain steps."""
        self._messages += 1
        self._phase = Phase.MAIL
        try:
            return await self._deliver(message, mark)
        except _Lost as lost:
            self._is_in_step = False
            fate = Fate.UNKNOWN if self._phase is Phase.CONTENT else Fate.RETURNED
            return self._attempt(fate, reason=f"{self._phase}: {lost}")

    async def close(self) -> None:
        """Say goodbye where the other side still listens, and part."""
        with suppress(aiosmtplib.SMTPException, OSError):
            if self._is_in_step and self._client.is_connected:
                await self._client.quit(timeout=_QUIT_TIMEOUT_S)
        self._client.close()

    async def _deliver(self, message: Message, mark: Mark) -> Attempt:
        if unfit := self._unfit(message.recipient):
            return self._attempt(Fate.REFUSED, reason=unfit)
        for phase, command in _envelope(message):
            reply = await self._ask(phase, command, self._relay.timeouts.command_s, message)
            if not is_expected(phase, reply):
                return await self._refused(phase, reply)
        if not await mark():
            await self._reset()
            return self._attempt(Fate.SKIPPED)
        reply = await self._ask(Phase.DATA, b"DATA", self._relay.timeouts.data_s, message)
        if not is_expected(Phase.DATA, reply):
            return await self._refused(Phase.DATA, reply)
        return await self._hand_over(message)

    def _unfit(self, recipient: str) -> str:
        """Say why this server cannot be given the address; empty where it can."""
        if _UNSAFE.search(recipient):
            return "unsafe address"
        if not recipient.isascii() and not self._client.supports_extension("smtputf8"):
            return "needs SMTPUTF8"
        return ""

    async def _hand_over(self, message: Message) -> Attempt:
        protocol = self._client.protocol
        if protocol is None:
            raise _Lost("closed by the server")
        with _translated():
            protocol.write(_dotted(message.content))
        self._phase = Phase.CONTENT
        self._is_in_step = False  # until the server has answered for the content
        response = await _awaited(protocol.read_response(self._relay.timeouts.content_s))
        reply = _reply(response, message)
        fate = judge(Phase.CONTENT, reply)
        self._is_in_step = reply.code != CLOSING and fate is not Fate.UNKNOWN
        return self._attempt(fate, reply)

    async def _ask(self, phase: Phase, command: bytes, timeout_s: float, message: Message) -> Reply:
        self._phase = phase
        return _reply(
            await _awaited(self._client.execute_command(command, timeout=timeout_s)), message
        )

    async def _refused(self, phase: Phase, reply: Reply) -> Attempt:
        fate = judge(phase, reply)
        if fate is Fate.RETURNED:  # closing, or out of step
            self._is_in_step = False
        else:
            await self._reset()
        return self._attempt(fate, reply)

    async def _reset(self) -> None:
        """End the open transaction: without RSET the next MAIL is a nested one."""
        try:
            response = await _awaited(
                self._client.execute_command(b"RSET", timeout=self._relay.timeouts.command_s)
            )
            self._is_in_step = response.code == aiosmtplib.SMTPStatus.completed
        except _Lost:
            self._is_in_step = False

    def _attempt(self, fate: Fate, reply: Reply | None = None, *, reason: str = "") -> Attempt:
        return Attempt(fate=fate, reply=reply, reason=reason, relay=self._relay.name)


def _envelope(message: Message) -> tuple[tuple[Phase, bytes], ...]:
    # RFC 6531 section 3.1: who offers SMTPUTF8 offers 8BITMIME.
    options = b"" if message.recipient.isascii() else b" BODY=8BITMIME SMTPUTF8"
    return (
        (Phase.MAIL, b"MAIL FROM:<%b>%b" % (message.sender.encode(), options)),
        (Phase.RCPT, b"RCPT TO:<%b>" % message.recipient.encode()),
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into `_Lost`, in few fixed words: they become reasons."""
    try:
        yield
    except aiosmtplib.SMTPTimeoutError as error:
        raise _Lost("timed out") from error
    except aiosmtplib.SMTPResponseException as error:
        raise _Lost("no valid answer") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _Lost("connection lost") from error


async def _awaited(response: Awaitable[aiosmtplib.SMTPResponse]) -> aiosmtplib.SMTPResponse:
    with _translated():
        return await response


def _reply(response: aiosmtplib.SMTPResponse, message: Message) -> Reply:
    """Keep what a server said, without the address: the ledger holds none."""
    text = response.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = text.replace("\0", "").replace(message.recipient, "the recipient")
    return Reply(code=response.code, text=text[:_MAX_REPLY_CHARS])


def _dotted(content: bytes) -> bytes:
    """Give content as it travels after DATA (RFC 5321 section 4.5.2)."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return (b"\n" + content).replace(b"\n.", b"\n..")[1:] + end + b".\r\n"


# --- opening ------------------------------------------------------------------------------------


async def open_connection(relay: Relay) -> SmtpConnection:
    """Connect, secure and log in.

    Raises:
        _CannotOpen: one of these failed; there is no falling back to less security.
    """
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        cert_bundle=relay.ca_file or None,
        username=relay.username or None,
        password=relay.password or None,
        local_hostname=_own_name(),
        timeout=relay.timeouts.connect_s,
    )
    try:
        async with asyncio.timeout(relay.timeouts.connect_s):  # the library's is for each reply
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise _cannot_open(relay, error) from error
    return SmtpConnection(relay, client)


def _cannot_open(relay: Relay, error: Exception) -> _CannotOpen:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return _CannotOpen(
            relay,
            f"refuses the user name or password ({error.code}); check [[smtp]] username, password",
            is_final=error.code >= 500,
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _CannotOpen(relay, f"{error.code} {error.message}")
    cause = error.__cause__ or error
    is_untrusted = isinstance(cause, ssl.SSLCertVerificationError)
    return _CannotOpen(relay, str(cause) or str(error) or "timed out", is_final=is_untrusted)


def _own_name() -> str:
    """Give the name for EHLO without asking DNS (RFC 5321 section 4.1.4)."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


# --- the line to whichever relay works ----------------------------------------------------------


class SmtpMailer:
    """One line to the first relay that works; opened anew when it breaks or has served enough."""

    def __init__(self, relays: tuple[Relay, ...]) -> None:
        """Prepare; `open` or the first message connects."""
        self._relays = relays
        self._connection: SmtpConnection | None = None

    async def open(self) -> None:
        """Connect to the first relay that works, unless a connection is open.

        Raises:
            RelayError: none does; names each and why.
        """
        await self._usable()

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one message over.

        Raises:
            RelayError: the connection was gone and no relay works; the message was not touched.
        """
        connection = await self._usable()
        return await connection.deliver(message, mark)

    async def close(self) -> None:
        """Part in order."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _usable(self) -> SmtpConnection:
        if self._connection is not None and not self._connection.is_usable:
            await self.close()
        if self._connection is None:
            self._connection = await self._open_any()
        return self._connection

    async def _open_any(self) -> SmtpConnection:
        """Try the relays in their order; again after a pause, where that may help."""
        for pause_s in (0.0, *_PAUSES_S):
            await asyncio.sleep(pause_s)
            failures: list[_CannotOpen] = []
            for relay in self._relays:
                try:
                    connection = await open_connection(relay)
                except _CannotOpen as failure:
                    failures.append(failure)
                else:
                    _warn(failures)
                    return connection
            if all(failure.is_final for failure in failures):
                break
        raise RelayError("; ".join(str(failure) for failure in failures))


def _warn(failures: list[_CannotOpen]) -> None:
    """Tell which relays were passed over; where none serves, the error itself tells."""
    for failure in failures:
        _log.warning("%s; the next serves", failure)
