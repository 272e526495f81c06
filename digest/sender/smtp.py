"""Hands messages to a mail relay over connections that stay open.

aiosmtplib connects, secures and logs in; after that `Wire` uses its transport. A message is sent
in separate steps: MAIL, RCPT, the mark, DATA, content. The step, never the kind of error, decides
what a broken connection means.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from contextlib import suppress
from typing import cast

import aiosmtplib

from digest.errors import RelayError, RelaySetupError
from digest.models import Message, Reply
from digest.sender.attempt import Attempt, Fate, Fault, Mark
from digest.sender.relay import Relay
from digest.sender.replies import CLOSING, NOT_LOGGED_IN, Phase, is_expected, judge
from digest.sender.wire import LostError, Wire

_log = logging.getLogger(__name__)

#: Messages per connection; many relays end a session soon after this number.
MAX_MESSAGES = 100
_MAX_REPLY_CHARS = 500
_QUIT_TIMEOUT_S = 5.0
#: Characters that would end a command, or the address within it.
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")


class _CannotOpen(Exception):
    """A relay cannot be used; `is_final` if only another configuration can help."""

    def __init__(self, relay: Relay, reason: str, *, is_final: bool = False) -> None:
        super().__init__(f"relay {relay.name}: {' '.join(reason.split())}")
        self.is_final = is_final


# --- one connection -----------------------------------------------------------------------------


class SmtpConnection:
    """One session with a relay: open, secured, logged in."""

    def __init__(self, relay: Relay, wire: Wire, extensions: frozenset[str]) -> None:
        """Take over a session from `open_connection`; `extensions` are in lower case."""
        self._relay = relay
        self._wire = wire
        self._extensions = extensions
        self._phase = Phase.MAIL
        self._messages = 0

    @property
    def is_usable(self) -> bool:
        """Whether another message may be sent over this connection."""
        return self._wire.is_open and self._messages < MAX_MESSAGES

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one message over, step by step."""
        self._messages += 1
        if unfit := self._unfit(message):
            return self._attempt(Fate.REFUSED, reason=unfit)
        self._phase = Phase.MAIL
        try:
            return await self._deliver(message, mark)
        except LostError as lost:
            fate = Fate.UNKNOWN if self._phase is Phase.CONTENT else Fate.RETURNED
            return self._attempt(fate, reason=f"{self._phase}: {lost}")

    async def close(self) -> None:
        """Send QUIT if the session is still in step, and close the connection."""
        if self._wire.is_open and self._phase is not Phase.CONTENT:
            with suppress(LostError):
                await self._wire.ask(b"QUIT\r\n", _QUIT_TIMEOUT_S)
        self._wire.end("closed")

    async def _deliver(self, message: Message, mark: Mark) -> Attempt:
        for phase, command in _envelope(message):
            reply = await self._ask(phase, command, self._relay.timeouts.command_s, message)
            if not is_expected(phase, reply):
                return await self._refused(phase, reply)
        if not await mark():
            await self._reset()
            return self._attempt(Fate.SKIPPED)
        reply = await self._ask(Phase.DATA, b"DATA\r\n", self._relay.timeouts.data_s, message)
        if not is_expected(Phase.DATA, reply):
            return await self._refused(Phase.DATA, reply)
        return await self._hand_over(message)

    def _unfit(self, message: Message) -> str:
        """Return why this server cannot take the address; empty if it can."""
        if _UNSAFE.search(message.recipient) or _UNSAFE.search(message.sender):
            return "unsafe address"
        if not message.recipient.isascii() and "smtputf8" not in self._extensions:
            return "needs SMTPUTF8"
        return ""

    async def _hand_over(self, message: Message) -> Attempt:
        if not self._wire.is_open:
            raise LostError("connection lost")  # nothing was sent: the phase is still DATA
        content_s = self._relay.timeouts.content_s
        reply = await self._ask(Phase.CONTENT, _dotted(message.content), content_s, message)
        verdict = judge(Phase.CONTENT, reply)
        if reply.code == CLOSING or verdict.fate is Fate.UNKNOWN:
            self._wire.end("closed by the server")
        self._phase = Phase.MAIL
        return self._attempt(verdict.fate, reply, fault=verdict.fault)

    async def _ask(self, phase: Phase, data: bytes, timeout_s: float, message: Message) -> Reply:
        self._phase = phase
        return _without_address(await self._wire.ask(data, timeout_s), message)

    async def _refused(self, phase: Phase, reply: Reply) -> Attempt:
        verdict = judge(phase, reply)
        if verdict.fate is Fate.RETURNED:  # closing, or out of step
            self._wire.end("closed by the server")
        else:
            await self._reset()
        return self._attempt(verdict.fate, reply, fault=verdict.fault)

    async def _reset(self) -> None:
        """End the open transaction: without RSET the next MAIL would be nested."""
        with suppress(LostError):  # a lost session ends the transaction too
            reply = await self._wire.ask(b"RSET\r\n", self._relay.timeouts.command_s)
            if not is_expected(Phase.MAIL, reply):
                self._wire.end("RSET refused")

    def _attempt(
        self,
        fate: Fate,
        reply: Reply | None = None,
        *,
        reason: str = "",
        fault: Fault = Fault.NONE,
    ) -> Attempt:
        relay = self._relay.name
        return Attempt(fate=fate, reply=reply, reason=reason, relay=relay, fault=fault)


def _envelope(message: Message) -> tuple[tuple[Phase, bytes], ...]:
    # RFC 6531 section 3.1: a server that offers SMTPUTF8 also offers 8BITMIME.
    options = b"" if message.recipient.isascii() else b" BODY=8BITMIME SMTPUTF8"
    return (
        (Phase.MAIL, b"MAIL FROM:<%b>%b\r\n" % (message.sender.encode(), options)),
        (Phase.RCPT, b"RCPT TO:<%b>\r\n" % message.recipient.encode()),
    )


def _without_address(reply: Reply, message: Message) -> Reply:
    """Remove the address from a reply: the ledger stores no addresses."""
    text = reply.text.replace(message.recipient, "the recipient")
    return Reply(code=reply.code, text=text[:_MAX_REPLY_CHARS])


def _dotted(content: bytes) -> bytes:
    """Return content as it is sent after DATA: dots stuffed (RFC 5321 section 4.5.2)."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return (b"\n" + content).replace(b"\n.", b"\n..")[1:] + end + b".\r\n"


# --- opening ------------------------------------------------------------------------------------


def _tls_context(relay: Relay) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if relay.ca_file:
        try:
            context.load_verify_locations(cafile=relay.ca_file)
        except (OSError, ssl.SSLError) as error:
            reason = f"the certificates in {relay.ca_file} cannot be read; check [[smtp]] ca_file"
            raise _CannotOpen(relay, reason, is_final=True) from error
    return context


async def open_connection(relay: Relay) -> SmtpConnection:
    """Connect, secure and log in.

    Raises:
        _CannotOpen: one of these steps failed; it never falls back to less security.
    """
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        tls_context=_tls_context(relay) if relay.security != "none" else None,
        username=relay.username or None,
        password=relay.password or None,
        local_hostname=_own_name(),
        timeout=relay.timeouts.connect_s,
    )
    try:
        async with asyncio.timeout(relay.timeouts.connect_s):  # the library's is per reply
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        raise _cannot_open(relay, error) from error
    return SmtpConnection(relay, _take_over(relay, client), frozenset(client.esmtp_extensions))


def _take_over(relay: Relay, client: aiosmtplib.SMTP) -> Wire:
    """Take over the library's transport; nothing may await between connecting and this."""
    # A cast because the transports of uvloop are not asyncio's classes.
    transport = cast("asyncio.Transport | None", client.transport)
    if transport is None or transport.is_closing():
        raise _CannotOpen(relay, "closed by the server")
    is_secure = transport.get_extra_info("ssl_object") is not None
    if is_secure is (relay.security == "none"):
        transport.abort()
        reason = f"the connection does not match security = {relay.security!r}; check [[smtp]]"
        raise _CannotOpen(relay, reason, is_final=True)
    return Wire(transport)


#: OpenSSL's numbers of faults of a certificate (X509_V_ERR_…).
_NOT_YET_VALID = 9
_EXPIRED = 10
_OTHER_NAMES = frozenset({62, 63, 64})
_CHECK_LOGIN = "check [[smtp]] username, password"


def _cannot_open(relay: Relay, error: Exception) -> _CannotOpen:
    """Return what failed; a fault that only another configuration mends names its key."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return _CannotOpen(
            relay,
            f"refuses the user name or password ({error.code}); {_CHECK_LOGIN}",
            is_final=error.code >= 500,
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        is_login = error.code in NOT_LOGGED_IN
        advice = f"; {_CHECK_LOGIN}" if is_login else ""
        return _CannotOpen(relay, f"{error.code} {error.message}{advice}", is_final=is_login)
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _CannotOpen(relay, _distrust(cause), is_final=True)
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        reason = f"no encryption ({cause.reason or cause}); check [[smtp]] port, security"
        return _CannotOpen(relay, reason, is_final=True)
    if isinstance(error, ValueError):  # such as a label of a host name that is too long
        return _CannotOpen(relay, "not a host name; check [[smtp]] host", is_final=True)
    if missing := _missing_extension(error):
        return _CannotOpen(relay, missing, is_final=True)
    return _CannotOpen(relay, str(cause) or str(error) or "timed out")


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate is not trusted, and the key to look at."""
    if error.verify_code == _EXPIRED:
        return "its certificate has expired; have it renewed, or check [[smtp]] host"
    if error.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet; check this machine's clock, or [[smtp]] host"
    if error.verify_code in _OTHER_NAMES:
        return "its certificate is for another name; set [[smtp]] host to the certificate's name"
    return (
        f"its certificate is not trusted ({error.verify_message}); if your relay has a CA of its"
        " own, set [[smtp]] ca_file"
    )


def _missing_extension(error: Exception) -> str:
    """Return which extension a relay does not offer; empty if the error is another one."""
    if type(error) is not aiosmtplib.SMTPException:  # its subclasses are faults of a connection
        return ""
    words = str(error)
    if "AUTH" in words or "authentication method" in words:
        return "offers no login; check [[smtp]] port, security, username"
    if "STARTTLS" in words:
        return "offers no STARTTLS; check [[smtp]] port, security"
    return ""


def _own_name() -> str:
    """Return the name for EHLO without a DNS query (RFC 5321 section 4.1.4)."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


# --- a connection to the first relay that works -------------------------------------------------


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
        self._connection: SmtpConnection | None = None

    async def open(self) -> None:
        """Connect to the first relay that works, unless a connection is open.

        Raises:
            RelayError: no relay works; the message names each relay and its reason.
        """
        await self._usable()

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one message over.

        Raises:
            RelayError: the connection was closed and no relay works; nothing was sent.
        """
        connection = await self._usable()
        return await connection.deliver(message, mark)

    async def close(self) -> None:
        """Close the connection."""
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
        """Try the relays in order; try again after a pause if that may help."""
        for pause_s in (0.0, *self._pauses_s):
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
        is_final = all(failure.is_final for failure in failures)
        error = RelaySetupError if is_final else RelayError
        raise error("; ".join(str(failure) for failure in failures))


def _warn(failures: list[_CannotOpen]) -> None:
    """Log the relays that failed before one worked; if none works, the error names them."""
    for failure in failures:
        _log.warning("%s; using the next relay", failure)
