"""The personal places of a letter: all that differs from one subscriber to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: Any mark, whatever its letter; one found in a finished mail was left over.
MARK = re.compile(r"PLACE_[0-9a-f]{16}_[a-z_]+_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What fills the places for one subscriber."""

    address: str
    #: Day of joining, as printed.
    joined: str
    #: Page with one button that leaves.
    leave_url: str
    preferences_url: str
    #: This subscriber's letter as a page.
    web_url: str
    #: Where the poll is; a choice adds its number.
    poll_url: str
    #: Leaves at once when a mail program POSTs to it (RFC 8058).
    one_click_url: str
    #: With its angle brackets.
    message_id: str
    #: Aware; equal in every repeat of the same mail.
    date: datetime
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str


#: Fields of `Personal` that stand in the body; the others are headers and envelope.
BODY_PLACES = ("address", "joined", "leave_url", "preferences_url", "web_url", "poll_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMarks:
    """Words that stand in a rendered letter until the subscriber's own take their place.

    They hold letters, digits and underscores only: no step between template and mail changes
    those. `seed` hashes what the letter prints, so that no post can contain the marks of the
    letter that shows it.
    """

    #: 16 hex digits.
    seed: str

    def mark(self, place: str) -> str:
        """Give the word that stands for one of `BODY_PLACES`."""
        return f"PLACE_{self.seed}_{place}_"

    def split(self, text: str) -> list[str]:
        """Part the text at its marks: words, name of a place, words, and so on."""
        return re.split(self.mark(f"({'|'.join(BODY_PLACES)})"), text)
