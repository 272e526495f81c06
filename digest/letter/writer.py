"""Writing and addressing a newsletter's letters: what every mail of one edition shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter, write_letter
from digest.letter.printing.headers import HeaderFacts, message_id
from digest.letter.printing.local import long_date
from digest.letter.printing.message import Pieces, join
from digest.letter.printing.places import Personal
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Message, Recipient, Variant
from subscribers.tokens import Link, LinkSigner, Purpose, find_key


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """What it takes to write and address the mails of one newsletter."""

    site: LetterSite
    renderer: Renderer
    facts: HeaderFacts
    #: Envelope sender.
    sender: str
    #: Right side of every Message-ID.
    domain: str

    def write(
        self,
        edition: Edition,
        variant: Variant,
        present: Present = Present(),  # noqa: B008 - frozen
    ) -> Letter:
        """Render, fit, encode and check one variant.

        Raises:
            TemplateError: a template cannot be rendered.
        """
        return write_letter(edition, variant, self.site, self.renderer, self.facts, present)

    def sample(self, pieces: Pieces, address: str, *, number: str, now: datetime) -> Message:
        """Give a mail for looking at: every link of the subscriber's own leads nowhere.

        Args:
            pieces: of any letter.
            address: whom it is shown to.
            number: makes its Message-ID another than any real one's.
            now: its date.
        """
        base = self.site.base_url
        personal = Personal(
            address=address,
            joined="(date of joining)",
            leave_url=f"{base}/u/sample",
            preferences_url=f"{base}/p/sample",
            web_url=f"{base}/v/sample",
            poll_url=f"{base}/q/sample",
            one_click_url=f"{base}/u/sample",
            message_id=f"<test.{number}@{self.domain}>",
            date=now,
            sender=self.sender,
        )
        return join(pieces, personal)


class Addresser:
    """Fills the personal places of one frozen edition; the same subscriber gets the same bytes."""

    def __init__(
        self,
        writer: LetterWriter,
        edition: Edition,
        edition_id: int,
        *,
        keys: Sequence[str],
        key_id: str,
    ) -> None:
        """Take the key that the edition was frozen with.

        Raises:
            SubscriberError: that key is not listed any more.
        """
        self._writer = writer
        self._edition = edition
        self._edition_id = edition_id
        self._key = find_key(keys, key_id)
        self._signer = LinkSigner(self._key)

    def address(self, pieces: Pieces, recipient: Recipient, date: datetime) -> Message:
        """Give one subscriber's mail."""
        base, newsletter = self._writer.site.base_url, self._edition.newsletter
        link = Link(public_id=recipient.public_id, newsletter=newsletter)
        view = Link(
            public_id=recipient.public_id, newsletter=newsletter, edition_id=self._edition_id
        )
        leave_url = f"{base}/u/{self._signer.sign(Purpose.LEAVE, link)}"
        personal = Personal(
            address=recipient.address,
            joined=long_date(
                recipient.joined_at,
                language=recipient.language or self._edition.language,
                timezone=self._edition.timezone,
            ),
            leave_url=leave_url,
            preferences_url=f"{base}/p/{self._signer.sign(Purpose.PREFERENCES, link)}",
            web_url=f"{base}/v/{self._signer.sign(Purpose.VIEW, view)}",
            # Printed in no mail yet: `LetterSite.shows_poll`.
            poll_url="",
            # The same link: a person's GET shows a button, a mail program's POST leaves.
            one_click_url=leave_url,
            message_id=message_id(
                self._edition_id, recipient.subscriber_id, self._key.encode(), self._writer.domain
            ),
            date=date,
            sender=self._writer.sender,
        )
        return join(pieces, personal)
