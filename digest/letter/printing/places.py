"""The personal places of a letter: everything that differs between subscribers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: Any mark of any letter; a finished mail must not contain one.
MARK = re.compile(r"PLACE_[0-9a-f]{16}_[a-z_]+_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """One subscriber's values for the places."""

    address: str
    #: Day of joining, as printed.
    joined: str
    #: Page with one button that unsubscribes.
    leave_url: str
    preferences_url: str
    #: This subscriber's letter as a web page.
    web_url: str
    #: The poll's page; each choice appends its number.
    poll_url: str
    #: Unsubscribes immediately if a mail program POSTs to it (RFC 8058).
    one_click_url: str
    #: The Message-ID with its angle brackets.
    message_id: str
    #: Aware; the same in every repeat of a mail.
    date: datetime
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str


#: Fields of `Personal` in the body; the others are headers and envelope.
BODY_PLACES = ("address", "joined", "leave_url", "preferences_url", "web_url", "poll_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMarks:
    """Placeholders in a rendered letter for the subscriber's own values.

    They consist of letters, digits and underscores, which no step between template and mail
    changes. `seed` is a hash of the letter's content, so that no post can contain the marks of
    the letter that shows it.
    """

    #: 16 hex digits.
    seed: str

    def mark(self, place: str) -> str:
        """Return the placeholder for one of `BODY_PLACES`."""
        return f"PLACE_{self.seed}_{place}_"

    def split(self, text: str) -> list[str]:
        """Split the text at its marks: text, name of a place, text, and so on."""
        return re.split(self.mark(f"({'|'.join(BODY_PLACES)})"), text)
