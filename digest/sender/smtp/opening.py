"""Connects to a relay, secures the connection and logs in."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from functools import lru_cache
from typing import cast

import aiosmtplib

from digest.sender.relay import Relay
from digest.sender.relays import RelayState
from digest.sender.replies import NOT_LOGGED_IN
from digest.sender.smtp.envelope import Offer
from digest.sender.smtp.session import Session
from digest.sender.smtp.wire import Wire


class CannotOpenError(Exception):
    """A relay cannot be used; `is_final` if only another configuration can help."""

    def __init__(self, relay: Relay, reason: str, *, is_final: bool = False) -> None:
        """Name the relay; `reason` is for the operator."""
        super().__init__(f"relay {relay.name}: {' '.join(reason.split())}")
        self.is_final = is_final


def _tls_context(relay: Relay) -> ssl.SSLContext:
    path = relay.ca_file
    try:
        return _trusting(path, os.stat(path).st_mtime_ns if path else 0)  # noqa: PTH116
    except (OSError, ssl.SSLError) as error:
        reason = f"the certificates in {path} cannot be read; check [[smtp]] ca_file"
        raise CannotOpenError(relay, reason, is_final=True) from error


@lru_cache(maxsize=8)
def _trusting(ca_file: str, _changed_at: int) -> ssl.SSLContext:
    """Return the settings of all connections; reading the system's certificates takes 30 ms.

    A file that was changed is read again.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


async def open_connection(state: RelayState) -> Session:
    """Connect, secure and log in.

    Raises:
        CannotOpenError: one of these steps failed; it never falls back to less security.
    """
    relay = state.relay
    client = await log_in_to(relay)
    return Session(state, _take_over(relay, client), Offer.of(client.esmtp_extensions))


async def log_in_to(relay: Relay) -> aiosmtplib.SMTP:
    """Connect, secure and log in; return the library's client.

    Raises:
        CannotOpenError: as for `open_connection`.
    """
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        tls_context=_tls_context(relay) if relay.security != "none" else None,
        local_hostname=_own_name(),
        timeout=relay.timeouts.connect_s,
    )
    try:
        async with asyncio.timeout(relay.timeouts.connect_s):  # the library's is per reply
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            await _log_in(relay, client)
    except CannotOpenError:
        client.close()
        raise
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        raise _cannot_open(relay, error) from error
    return client


async def _log_in(relay: Relay, client: aiosmtplib.SMTP) -> None:
    """Log in with one mechanism and one attempt; a second one could lock the account."""
    if not relay.username:
        return
    if "plain" in client.server_auth_methods:
        await client.auth_plain(relay.username, relay.password)
    elif "login" in client.server_auth_methods:
        await client.auth_login(relay.username, relay.password)
    else:
        raise CannotOpenError(relay, _NO_LOGIN, is_final=True)


def _take_over(relay: Relay, client: aiosmtplib.SMTP) -> Wire:
    """Take over the library's transport; nothing may await between connecting and this."""
    # A cast because the transports of uvloop are not asyncio's classes.
    transport = cast("asyncio.Transport | None", client.transport)
    if transport is None or transport.is_closing():
        raise CannotOpenError(relay, "closed by the server")
    is_secure = transport.get_extra_info("ssl_object") is not None
    if is_secure is (relay.security == "none"):
        transport.abort()
        reason = f"the connection does not match security = {relay.security!r}; check [[smtp]]"
        raise CannotOpenError(relay, reason, is_final=True)
    return Wire(transport)


#: OpenSSL's numbers of faults of a certificate (X509_V_ERR_…).
_NOT_YET_VALID = 9
_EXPIRED = 10
_OTHER_NAMES = frozenset({62, 63, 64})
_CHECK_LOGIN = "check [[smtp]] username, password"
_NO_LOGIN = (
    "offers no login with a password (PLAIN or LOGIN); check [[smtp]] port, security, username"
)


def _cannot_open(relay: Relay, error: Exception) -> CannotOpenError:
    """Return what failed; a fault that only another configuration mends names its key."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        if error.code < 500:  # its own fault, such as a login server that is down (RFC 4954)
            return CannotOpenError(relay, f"cannot check the login now ({error.code})")
        reason = f"refuses the user name or password ({error.code}); {_CHECK_LOGIN}"
        return CannotOpenError(relay, reason, is_final=True)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        is_login = error.code in NOT_LOGGED_IN
        advice = f"; {_CHECK_LOGIN}" if is_login else ""
        code = f"{error.code} " if error.code > 0 else ""  # none if it is no reply of SMTP
        return CannotOpenError(relay, f"{code}{error.message}{advice}", is_final=is_login)
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CannotOpenError(relay, _distrust(cause), is_final=True)
    if isinstance(cause, ssl.SSLError) and "ALERT_INTERNAL_ERROR" in (cause.reason or ""):
        # Unrelated to what either side is configured for (RFC 8446 section 6.2): may end by itself.
        return CannotOpenError(relay, f"its encryption fails now ({cause.reason}); see its log")
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        reason = f"no encryption ({cause.reason or cause}); check [[smtp]] port, security"
        return CannotOpenError(relay, reason, is_final=True)
    if isinstance(error, ValueError):  # such as a label of a host name that is too long
        return CannotOpenError(relay, "not a host name; check [[smtp]] host", is_final=True)
    if missing := _missing_extension(error):
        return CannotOpenError(relay, missing, is_final=True)
    return CannotOpenError(relay, _in_words(cause) or str(error) or "timed out")


def _in_words(error: BaseException) -> str:
    """Return what an error says, without the number of the system's list."""
    number = error.errno if isinstance(error, OSError) else None
    if number and number > 0:
        return os.strerror(number)
    if isinstance(error, ConnectionError) and not str(error):  # as asyncio raises it
        return "closed the connection"
    return (isinstance(error, OSError) and error.strerror) or str(error)


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
    if "STARTTLS" in words:
        return "offers no STARTTLS; check [[smtp]] port, security"
    return ""


def _own_name() -> str:
    """Return the name for EHLO without a DNS query (RFC 5321 section 4.1.4)."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
