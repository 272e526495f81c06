"""A message read back from its bytes, as a mail program would."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The parts of one mail."""

    #: In the order of the wire, decoded.
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def open_message(content: bytes) -> OpenedMessage:
    """Read headers and both parts of a mail that `join` made; a part that is missing is empty."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    return OpenedMessage(
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
