"""Writes a newsletter's letters and addresses them to subscribers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter, write_letter
from digest.letter.printing.headers import HeaderFacts, message_id
from digest.letter.printing.local import day_in_words, joining_words
from digest.letter.printing.message import Pieces, join
from digest.letter.printing.personal import Personal
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Message, Recipient, Variant
from subscribers.return_paths import ReturnPath, ReturnPurpose, sign_return_path
from subscribers.tokens import Link, LinkSigner, Purpose, find_key


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """Writes the letters of one newsletter and makes sample mails from them."""

    site: LetterSite
    renderer: Renderer
    facts: HeaderFacts
    #: Envelope sender.
    sender: str
    #: Domain of every Message-ID.
    domain: str
    #: Domain of the return addresses that name a delivery; empty: bounces go to `sender`.
    return_domain: str = ""

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

    def shown_values(self, values: Mapping[str, str], language: str) -> dict[str, str]:
        """Return a subscriber's own values as a letter in this language prints them."""
        days = self.site.days
        return {
            name: day_in_words(value, language=language) if name in days else value
            for name, value in values.items()
        }

    def sample(
        self,
        pieces: Pieces,
        address: str,
        *,
        number: str,
        now: datetime,
        joining: tuple[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Message:
        """Return a sample mail; its personal links do not work.

        Args:
            pieces: the pieces of any letter.
            address: the recipient's address.
            number: a part of the Message-ID that no real mail has.
            now: the mail's date, aware.
            joining: the result of `joining_words` for a known subscriber.
            fields: the result of `shown_values` for a known subscriber.
        """
        joined, since = joining or ("(date of joining)", " on (date of joining)")
        base = self.site.base_url
        personal = Personal(
            address=address,
            joined=joined,
            since=since,
            leave_url=f"{base}/u/sample",
            preferences_url=f"{base}/p/sample",
            web_url=f"{base}/v/sample",
            poll_url=f"{base}/q/sample",
            one_click_url=f"{base}/u/sample",
            message_id=f"<test.{number}@{self.domain}>",
            date=now,
            sender=self.sender,
            fields=fields,
        )
        return join(pieces, personal)


class Addresser:
    """Fills the personal places of one frozen edition; a repeated mail has the same bytes."""

    def __init__(
        self,
        writer: LetterWriter,
        edition: Edition,
        edition_id: int,
        *,
        keys: Sequence[str],
        key_id: str,
    ) -> None:
        """Find the key that the edition was frozen with.

        Args:
            writer: the newsletter's writer.
            edition: the frozen edition.
            edition_id: the edition's id.
            keys: the configured keys.
            key_id: the id of the key that the edition was frozen with.

        Raises:
            SubscriberError: that key is no longer in `keys`.
        """
        self._writer = writer
        self._edition = edition
        self._edition_id = edition_id
        self._key = find_key(keys, key_id)
        self._signer = LinkSigner(self._key)

    def address(
        self, pieces: Pieces, recipient: Recipient, date: datetime, *, number: str = ""
    ) -> Message:
        """Return one subscriber's mail.

        Args:
            pieces: the pieces of the subscriber's variant.
            recipient: the subscriber.
            date: the mail's date, aware.
            number: a part of the Message-ID of a mail outside the ledger; empty for a delivery.
        """
        base, newsletter = self._writer.site.base_url, self._edition.newsletter
        link = Link(public_id=recipient.public_id, newsletter=newsletter)
        numbered = replace(link, number=self._edition_id)
        leave_url = f"{base}/u/{self._signer.sign(Purpose.LEAVE, link)}"
        language = recipient.language or self._edition.language
        joined, since = joining_words(
            recipient.joined_at, language=language, timezone=self._edition.timezone
        )
        personal = Personal(
            address=recipient.address,
            joined=joined,
            since=since,
            leave_url=leave_url,
            preferences_url=f"{base}/p/{self._signer.sign(Purpose.PREFERENCES, link)}",
            web_url=f"{base}/v/{self._signer.sign(Purpose.VIEW, numbered)}",
            poll_url=f"{base}/q/{self._signer.sign(Purpose.VOTE, numbered)}",
            # The same link: GET shows a person a button, POST from a mail program unsubscribes.
            one_click_url=leave_url,
            message_id=f"<welcome.{number}@{self._writer.domain}>"
            if number
            else message_id(
                self._edition_id, recipient.subscriber_id, self._key.encode(), self._writer.domain
            ),
            date=date,
            sender=self._return_address(recipient, ReturnPurpose.BOUNCE) or self._writer.sender,
            leave_address=self._return_address(recipient, ReturnPurpose.UNSUBSCRIBE),
            fields=self._writer.shown_values(dict(recipient.fields), language),
        )
        return join(pieces, personal)

    def _return_address(self, recipient: Recipient, purpose: ReturnPurpose) -> str:
        """Return the signed address of one delivery; empty if none is configured."""
        if not self._writer.return_domain:
            return ""
        path = ReturnPath(
            purpose=purpose, edition_id=self._edition_id, subscriber_id=recipient.subscriber_id
        )
        return sign_return_path(path, self._key, self._writer.return_domain)
