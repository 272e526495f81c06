"""Writes notices: plain mails to the people who run the newsletter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from digest.letter.plain import one_line
from digest.letter.printing.headers import HeaderFacts, opening_headers
from digest.letter.printing.quoting import quote_printable
from digest.letter.printing.render import Renderer, tidy_text
from digest.letter.printing.sign import UNSIGNED, DkimSigner
from digest.letter.printing.view import NoticeView
from digest.models import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWriter:
    """Writes notices with one template and one sender."""

    facts: HeaderFacts
    renderer: Renderer
    site: str
    base_url: str
    signer: DkimSigner = UNSIGNED

    def write(self, text: str, recipient: str, *, key: str, date: datetime) -> Message:
        """Return the mail; the same values give the same bytes.

        Args:
            text: the text; its first line becomes the subject.
            recipient: the mail address.
            key: the notice's key; the Message-ID is made from it and the recipient.
            date: the time of writing, aware.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        headline, *lines = (one_line(line) for line in text.splitlines() or [""])
        view = NoticeView(
            headline=headline, lines=tuple(lines), site=self.site, base_url=self.base_url
        )
        domain = self.facts.from_address.rpartition("@")[2]
        number = hashlib.sha256(f"{key}\0{recipient}".encode()).hexdigest()[:24]
        message_id = f"<notice.{number}@{domain}>"
        headers = [
            *opening_headers(self.facts, headline),
            f"To: {recipient}",
            f"Date: {format_datetime(date)}",
            f"Message-ID: {message_id}",
            "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        body = quote_printable(tidy_text(self.renderer.render_notice(view)))
        message = Message(
            message_id=message_id,
            sender=self.facts.from_address,
            recipient=recipient,
            content="\r\n".join([*headers, "", ""]).encode() + body,
            is_dot_free=True,
        )
        return self.signer.sign(message, domain)
