"""The values of one subscriber that a mail prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from digest.letter.printing.places import Place

#: Values in the body; the others are headers and envelope.
BODY_PLACES = (
    "address",
    "joined",
    "since",
    "leave_url",
    "preferences_url",
    "web_url",
    "poll_url",
)


class PersonalValues(Protocol):
    """One subscriber's values for the places; a value is read only if the letter prints it."""

    @property
    def address(self) -> str:
        """The mail address."""

    @property
    def joined(self) -> str:
        """The day of joining, as printed; words in its place if it is not known."""

    @property
    def since(self) -> str:
        """The same within a sentence, such as ` on March 3, 2025`; empty if it is not known."""

    @property
    def leave_url(self) -> str:
        """The page with one button that unsubscribes."""

    @property
    def preferences_url(self) -> str:
        """The page of the subscriber's choices."""

    @property
    def web_url(self) -> str:
        """This subscriber's letter as a web page."""

    @property
    def poll_url(self) -> str:
        """The poll's page; each choice appends its number."""

    @property
    def one_click_url(self) -> str:
        """Unsubscribes immediately if a mail program POSTs to it (RFC 8058)."""

    @property
    def leave_address(self) -> str:
        """A mail to this address unsubscribes; empty if none is configured."""

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets."""

    @property
    def date(self) -> datetime:
        """Aware; the same in every repeat of a mail."""

    @property
    def sender(self) -> str:
        """Envelope sender (RFC 5321 MAIL FROM)."""

    def own_value(self, place: Place) -> str:
        """Return what a place for one of the subscriber's own values prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """`PersonalValues` that are all known, such as those of a sample."""

    address: str
    joined: str
    since: str
    leave_url: str
    preferences_url: str
    web_url: str
    poll_url: str
    one_click_url: str
    message_id: str
    date: datetime
    sender: str
    #: The values of the subscriber's own fields, and their name, by name. None for a sample that
    #: is addressed to no subscriber.
    fields: Mapping[str, str] | None = field(default_factory=dict)
    leave_address: str = ""

    def own_value(self, place: Place) -> str:
        """Return what a place for an own value prints."""
        return fill_place(place, self.address, self.fields)


def fill_place(place: Place, address: str, fields: Mapping[str, str] | None) -> str:
    """Return what a place prints for a subscriber; see `Place.fill`."""
    return place.fill({"address": address} if place.name == "address" else fields)
