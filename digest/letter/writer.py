"""Writes a newsletter's letters, and sample mails of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.letter.addresser import MailIdentity
from digest.letter.checks.lint_context import Present
from digest.letter.fit import Cut
from digest.letter.letter import Letter, forecast, write_letter
from digest.letter.printing.headers import HeaderFacts
from digest.letter.printing.message import Pieces, join
from digest.letter.printing.personal import Personal
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Message, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWriter:
    """Writes the letters of one newsletter and makes sample mails from them."""

    site: LetterSite
    renderer: Renderer
    facts: HeaderFacts
    identity: MailIdentity

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

    def forecast(self, edition: Edition, letter: Letter) -> tuple[Cut, ...]:
        """Return what would be cut from a letter next if it had to be smaller, in order.

        Raises:
            TemplateError: a template cannot be rendered.
        """
        return forecast(edition, letter, self.site, self.renderer)

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
            fields: the result of `MailIdentity.shown_values` for a known subscriber.
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
            message_id=f"<test.{number}@{self.identity.domain}>",
            date=now,
            sender=self.identity.sender,
            leave_address=f"u+sample@{domain}" if (domain := self.identity.return_domain) else "",
            fields=fields,
        )
        return self.identity.sign(join(pieces, personal))
