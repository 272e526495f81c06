"""Reads a mail as a mail program does."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy, default
from functools import lru_cache
from typing import Any, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The parts of one mail."""

    #: Names and decoded values, in the order of the message.
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


# A page of a preview and its frames open the same mail.
@lru_cache(maxsize=4)
def open_message(content: bytes) -> OpenedMessage:
    """Read the headers and both parts of a mail from `join`; a missing part is empty."""
    message = email.message_from_bytes(content, policy=_POLICY)
    return OpenedMessage(
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


@lru_cache(maxsize=512)
def _parse_header(name: str, value: str) -> Any:
    return default.header_fetch_parse(name, value)


class _RememberingPolicy(EmailPolicy):
    """The default policy, but it parses each header once, not at every read."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _parse_header(name, value)


_POLICY = cast("Policy[EmailMessage]", _RememberingPolicy())


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
