"""One proof: a mail as it is sent, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.composer.mend import Mend
from digest.letter.letter import Letter
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.letter.writer import LetterWriter
from digest.models import Edition, Finding, Variant
from digest.newsroom.proof.people import Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One mail as it is sent, with inert links, and what is known of it."""

    edition: Edition
    addressee: Addressee
    #: The bytes of the message.
    content: bytes
    #: The same, as a mail program reads it.
    message: OpenedMessage
    #: What it shows.
    variant: Variant
    #: None if it is a stored mail, which cannot change any more.
    letter: Letter | None
    findings: tuple[Finding, ...]
    #: What was left out of the edition because a check found an error in it.
    mends: tuple[Mend, ...]
    #: Address of the subscribers' pages.
    base_url: str

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return self._header("Subject")

    @property
    def sender(self) -> str:
        """The decoded sender, as an inbox shows it."""
        return self._header("From")

    def _header(self, wanted: str) -> str:
        return next((text for name, text in self.message.headers if name == wanted), "")


def make_proof(
    writer: LetterWriter,
    edition: Edition,
    addressee: Addressee,
    letter: Letter,
    *,
    number: str,
    now: datetime,
    mends: tuple[Mend, ...] = (),
) -> Proof:
    """Return the proof of a letter that was written for it.

    Args:
        writer: the newsletter's writer.
        edition: the edition.
        addressee: the person.
        letter: the letter.
        number: a part of the Message-ID that no real mail has.
        now: the date of the mail, aware.
        mends: what was left out of the edition.
    """
    return proof_of(
        writer,
        edition,
        addressee,
        letter.pieces,
        number=number,
        now=now,
        variant=letter.variant,
        letter=letter,
        findings=letter.findings,
        mends=mends,
    )


def proof_of(
    writer: LetterWriter,
    edition: Edition,
    addressee: Addressee,
    pieces: Pieces,
    *,
    number: str,
    now: datetime,
    variant: Variant,
    letter: Letter | None,
    findings: tuple[Finding, ...],
    mends: tuple[Mend, ...] = (),
) -> Proof:
    """Return the proof of any pieces; arguments as for `make_proof`."""
    mail = writer.sample(
        pieces,
        addressee.address,
        number=number,
        now=now,
        joining=addressee.joining(edition),
        fields=addressee.fields,
    )
    return Proof(
        edition=edition,
        addressee=addressee,
        content=mail.content,
        message=open_message(mail.content),
        variant=variant,
        letter=letter,
        findings=findings,
        mends=mends,
        base_url=writer.site.base_url,
    )
