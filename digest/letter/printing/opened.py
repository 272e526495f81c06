"""Reads a mail as a mail program does."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The parts of one mail."""

    #: Names and decoded values, in the order of the message.
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def open_message(content: bytes) -> OpenedMessage:
    """Read the headers and both parts of a mail from `join`; a missing part is empty."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    return OpenedMessage(
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
