"""Writes notes: short mails to one subscriber outside an edition, such as a confirmation.

A note is plain and has one button. Nothing in it comes from the person who caused it, so that
nobody can send words of their own through a sign-up form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from digest.letter.printing.headers import DELIVERY_MARK, HeaderFacts, opening_headers
from digest.letter.printing.inline import inline_css
from digest.letter.printing.presentation import view_theme
from digest.letter.printing.quoting import quote_printable
from digest.letter.printing.render import Renderer, tidy_text
from digest.letter.printing.sign import UNSIGNED, DkimSigner
from digest.letter.printing.view import NoteView
from digest.models import Masthead, Message
from digest.text.languages import direction_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The words of a note, in the subscriber's language."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    #: The words of the button, and its link; both empty without one.
    button: str = ""
    url: str = ""
    #: The words and the address of each further link, one below the other.
    links: tuple[tuple[str, str], ...] = ()
    #: Small print below the links.
    small: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWriter:
    """Writes the notes of one newsletter."""

    facts: HeaderFacts
    renderer: Renderer
    masthead: Masthead
    postal_address: str
    signer: DkimSigner = UNSIGNED

    def write(
        self,
        note: Note,
        address: str,
        *,
        language: str,
        key: str,
        date: datetime,
        sender: str = "",
    ) -> Message:
        """Return the mail; the same values give the same bytes.

        Args:
            note: the words.
            address: the recipient.
            language: BCP 47 tag of the words.
            key: identifies the note; the Message-ID is made from it and the address.
            date: the time of writing, aware.
            sender: the signed return address; empty for the newsletter's own address.

        Raises:
            TemplateError: a template cannot be rendered.
        """
        html, text = _render(self, note, language)
        domain = self.facts.from_address.rpartition("@")[2]
        number = hashlib.sha256(f"{key}\0{address}".encode()).hexdigest()[:24]
        boundary = "=_" + hashlib.sha256(f"{text}\0{html}".encode()).hexdigest()[:32]
        message_id = f"<note.{number}@{domain}>"
        headers = [
            *opening_headers(self.facts, note.subject),
            f"To: {address}",
            f"Date: {format_datetime(date)}",
            f"Message-ID: {message_id}",
            *_delivery_headers(self.facts, sender),
            "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
        ]
        content = b"".join(
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
            + quote_printable(words)
            + b"\r\n"
            for kind, words in (("plain", text), ("html", html))
        )
        message = Message(
            message_id=message_id,
            sender=sender or self.facts.from_address,
            recipient=address,
            content="\r\n".join([*headers, "", ""]).encode()
            + content
            + f"--{boundary}--\r\n".encode(),
            is_dot_free=True,
        )
        return self.signer.sign(message, domain)


def _delivery_headers(facts: HeaderFacts, sender: str) -> list[str]:
    """Return the lines by which a provider's events name the mail; none without a signed id."""
    return [line.replace(DELIVERY_MARK, sender) for line in facts.delivery_headers if sender]


def _render(writer: NoteWriter, note: Note, language: str) -> tuple[str, str]:
    masthead = writer.masthead
    view = NoteView(
        language=language,
        direction=direction_of(language),
        title=masthead.title,
        home_url=masthead.home_url,
        subject=note.subject,
        heading=note.heading,
        paragraphs=note.paragraphs,
        button=note.button,
        url=note.url,
        links=note.links,
        small=note.small,
        postal_address=writer.postal_address,
        theme=view_theme(masthead.theme),
    )
    html = inline_css(writer.renderer.render_note(view))
    return html, tidy_text(writer.renderer.render_note_text(view))
