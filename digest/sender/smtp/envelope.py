"""The commands of one mail, for what a server offers (RFC 5321, 1870, 3461, 6531)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import NamedTuple, Self

from digest.models import Message
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.replies import Phase

#: Characters that would end a command, or the address within it.
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")
_SIZE = re.compile(r"\d{1,15}")

#: What most values of a parameter consist of.
_PLAIN = (ascii_letters + digits + "@.-_").encode()
#: Characters that a parameter's value must not have; UTF-8 addresses stay (RFC 6533 section 3).
_NOT_XTEXT = re.compile(rb"[\x00- +=\x7f]")

_DATA = b"DATA\r\n"


class Envelope(NamedTuple):
    """The commands before the content."""

    mail: bytes
    rcpt: bytes

    @property
    def commands(self) -> bytes:
        """All of them together; a server replies to each step of `ENVELOPE`."""
        return b"%b%b%b" % (self.mail, self.rcpt, _DATA)

    @property
    def steps(self) -> tuple[tuple[Phase, bytes], ...]:
        """Each of them with its step."""
        return ((Phase.MAIL, self.mail), (Phase.RCPT, self.rcpt), (Phase.DATA, _DATA))


#: The steps of an envelope, each of which has a reply.
ENVELOPE = (Phase.MAIL, Phase.RCPT, Phase.DATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The extensions of a server that concern us."""

    #: Commands may be sent before the replies to earlier ones (RFC 2920).
    has_pipelining: bool = False
    has_size: bool = False
    #: The longest message in bytes; 0: the server names no limit.
    max_bytes: int = 0
    has_smtputf8: bool = False
    #: It reports failures as asked (RFC 3461).
    has_dsn: bool = False

    @classmethod
    def of(cls, extensions: Mapping[str, str]) -> Self:
        """Read the reply to EHLO: keywords in lower case, each with its parameters."""
        size = extensions.get("size", "").strip()
        return cls(
            has_pipelining="pipelining" in extensions,
            has_size="size" in extensions,
            max_bytes=int(size) if _SIZE.fullmatch(size) else 0,
            has_smtputf8="smtputf8" in extensions,
            has_dsn="dsn" in extensions,
        )


def why_unfit(message: Message, offer: Offer) -> Attempt | None:
    """Return the attempt that this server would have to refuse; None if it may take the mail."""
    if _UNSAFE.search(message.recipient) or _UNSAFE.search(message.sender):
        return Attempt(fate=Fate.REFUSED, reason="unsafe address")
    if not message.recipient.isascii() and not offer.has_smtputf8:
        return Attempt(fate=Fate.REFUSED, reason="needs SMTPUTF8")
    if 0 < offer.max_bytes < len(message.content):
        reason = f"the mail is larger than the relay's limit of {offer.max_bytes} bytes"
        # The relay says so, not the recipient's server.
        return Attempt(fate=Fate.POLICY, fault=Fault.MESSAGE, reason=reason, is_of_relay=True)
    return None


def envelope_of(message: Message, offer: Offer) -> Envelope:
    """Return MAIL, RCPT and DATA of a mail that is fit for this server."""
    options, notify = b"", b""
    if offer.has_size:
        options += b" SIZE=%d" % len(message.content)
    if not message.recipient.isascii():
        # RFC 6531 section 3.1: a server that offers SMTPUTF8 also offers 8BITMIME.
        options += b" BODY=8BITMIME SMTPUTF8"
    if offer.has_dsn:
        envelope_id = message.message_id.strip("<>").partition("@")[0]
        options += b" RET=HDRS ENVID=%b" % _xtext(envelope_id)
        kind = b"rfc822" if message.recipient.isascii() else b"utf-8"
        notify = b" NOTIFY=FAILURE ORCPT=%b;%b" % (kind, _xtext(message.recipient))
    return Envelope(
        b"MAIL FROM:<%b>%b\r\n" % (message.sender.encode(), options),
        b"RCPT TO:<%b>%b\r\n" % (message.recipient.encode(), notify),
    )


def _xtext(text: str) -> bytes:
    """Return text as the value of a parameter (RFC 3461 section 4)."""
    value = text.encode()
    if not value.translate(None, _PLAIN):
        return value
    return _NOT_XTEXT.sub(lambda found: b"+%02X" % found[0][0], value)


def content_of(message: Message) -> tuple[bytes, bytes]:
    """Return the content as it is sent after DATA, dots stuffed, and its end (RFC 5321 4.5.2)."""
    content = message.content
    if not message.is_dot_free:
        content = (b"\n" + content).replace(b"\n.", b"\n..")[1:]
    return content, b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
