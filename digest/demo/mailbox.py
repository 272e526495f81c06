"""Reads the mails that arrived from their files, with the standard library only."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_LINK = re.compile(r"https?://[^\s\"'<>]+")
_MARKUP = re.compile(r"<style.*?</style>|<!--.*?-->|<[^>]*>", re.DOTALL)
#: The mark of a quoted line in the text part.
_QUOTE_MARK = re.compile(r"^\s*>\s?", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail of the mailbox."""

    #: The name of its file without `.eml`.
    name: str
    #: From the envelope.
    recipient: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str

    @property
    def links(self) -> frozenset[str]:
        """Every address in either part, without its fragment."""
        found = _LINK.findall(f"{self.text}\n{html.unescape(self.html)}")
        return frozenset(link.partition("#")[0] for link in found)

    @property
    def words(self) -> str:
        """The visible text of both parts, on one line."""
        shown = html.unescape(_MARKUP.sub(" ", self.html))
        return " ".join(f"{_QUOTE_MARK.sub('', self.text)} {shown}".split())


def list_mails(folder: Path) -> tuple[Path, ...]:
    """Return the files of the mails, in the order of arrival."""
    return tuple(sorted(folder.glob("*.eml")))


def read_mail(file: Path) -> ReceivedMail:
    """Read one mail from its file."""
    message = message_from_bytes(file.read_bytes(), policy=default)
    return ReceivedMail(
        name=file.stem,
        recipient=str(message["Delivered-To"] or ""),
        subject=str(message["Subject"] or ""),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
