"""Addresses the mails of a frozen edition to its subscribers; loads nothing that renders."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.letter.printing.days import day_in_words, joining_words
from digest.letter.printing.headers import MessageIds
from digest.letter.printing.message import Pieces, join
from digest.letter.printing.personal import fill_place
from digest.letter.printing.places import Place
from digest.letter.printing.sign import UNSIGNED, DkimSigner
from digest.models import Message, Recipient
from digest.text.languages import language_of_words
from subscribers.return_paths import ReturnPathSigner, ReturnPurpose
from subscribers.tokens import LinkSigner, Purpose, find_key


@dataclass(frozen=True, slots=True, kw_only=True)
class MailIdentity:
    """The sender of a newsletter's mails and the address of their links; frozen with an edition."""

    #: Public address of the subscribers' pages, without a trailing slash.
    base_url: str
    #: Address in From, and the envelope sender if there is no `return_domain`.
    sender: str
    #: Domain of the return addresses that name a delivery; empty: bounces go to `sender`.
    return_domain: str = ""
    #: Names of the subscribers' own fields that are days, which are printed in words.
    days: tuple[str, ...] = ()
    #: Signs every mail. Not frozen: a key that has been replaced signs nothing any more.
    signer: DkimSigner = UNSIGNED

    @property
    def domain(self) -> str:
        """The domain of From and of every Message-ID."""
        return self.sender.rpartition("@")[2]

    def to_json(self) -> str:
        """Return what is stored with a frozen edition, whose sender is stored on its own."""
        kept = {"base_url": self.base_url, "days": self.days, "return_domain": self.return_domain}
        return json.dumps(kept, separators=(",", ":"))

    def as_frozen(self, sender: str, stored: str) -> MailIdentity:
        """Return the identity that an edition was frozen with.

        Args:
            sender: the edition's stored sender; empty if an older version froze the edition.
            stored: the result of `to_json`; empty if an older version froze the edition.
        """
        kept = json.loads(stored) if stored else {}
        if kept:
            kept["days"] = tuple(kept["days"])
        return replace(self, sender=sender or self.sender, **kept)

    def sign(self, message: Message) -> Message:
        """Return the mail with the signatures of the keys for its sender."""
        return self.signer.sign(message, self.domain) if self.signer.has_keys else message

    def shown_values(self, values: Mapping[str, str], language: str) -> dict[str, str]:
        """Return a subscriber's own values as a letter in this language prints them."""
        return {
            name: day_in_words(value, language=language) if name in self.days else value
            for name, value in values.items()
        }


class Addresser:
    """Fills the personal places of one frozen edition; a repeated mail has the same bytes."""

    def __init__(
        self,
        identity: MailIdentity,
        edition_id: int,
        *,
        newsletter: str,
        language: str,
        timezone: str,
        keys: Sequence[str],
        key_id: str,
    ) -> None:
        """Find the key that the edition was frozen with.

        Args:
            identity: who the mails are from.
            edition_id: the edition's id.
            newsletter: the edition's newsletter.
            language: the language of the posts; subscribers who chose none get its words.
            timezone: IANA name of the zone of printed days.
            keys: the configured keys.
            key_id: the id of the key that the edition was frozen with.

        Raises:
            SubscriberError: that key is no longer in `keys`.
        """
        self.identity = identity
        self.edition_id = edition_id
        self.newsletter = newsletter
        self.language = language_of_words(language)
        self.timezone = timezone
        key, domain = find_key(keys, key_id), identity.return_domain
        self.links = LinkSigner(key)
        self.return_paths = ReturnPathSigner(key, domain) if domain else None
        self.message_ids = MessageIds(edition_id, key.encode(), identity.domain)

    def address(
        self, pieces: Pieces, recipient: Recipient, date: datetime, *, number: str = ""
    ) -> Message:
        """Return one subscriber's mail, signed.

        Args:
            pieces: the pieces of the subscriber's variant.
            recipient: the subscriber.
            date: the mail's date, aware.
            number: a part of the Message-ID of a mail outside the ledger; empty for a delivery.
        """
        return self.identity.sign(join(pieces, _Addressed(self, recipient, date, number)))


class _Addressed:
    """One subscriber's values; those that not every letter prints are computed when read."""

    __slots__ = (
        "_addresser",
        "_link",
        "_recipient",
        "address",
        "date",
        "leave_address",
        "leave_url",
        "message_id",
        "one_click_url",
        "sender",
    )

    def __init__(
        self, addresser: Addresser, recipient: Recipient, date: datetime, number: str
    ) -> None:
        identity = addresser.identity
        self._addresser = addresser
        self._recipient = recipient
        self._link = f"{recipient.public_id}.{addresser.newsletter}"
        self.address = recipient.address
        self.date = date
        self.leave_url = self._url("u", Purpose.LEAVE, self._link)
        # The same link: GET shows a person a button, POST from a mail program unsubscribes.
        self.one_click_url = self.leave_url
        self.sender = self._return_address(ReturnPurpose.BOUNCE) or identity.sender
        self.leave_address = self._return_address(ReturnPurpose.UNSUBSCRIBE)
        if number:
            self.message_id = f"<welcome.{number}@{identity.domain}>"
        else:
            self.message_id = addresser.message_ids.of(recipient.subscriber_id)

    @property
    def preferences_url(self) -> str:
        return self._url("p", Purpose.PREFERENCES, self._link)

    @property
    def web_url(self) -> str:
        return self._url("v", Purpose.VIEW, self._numbered)

    @property
    def poll_url(self) -> str:
        return self._url("q", Purpose.VOTE, self._numbered)

    @property
    def joined(self) -> str:
        return self._joining[0]

    @property
    def since(self) -> str:
        return self._joining[1]

    def own_value(self, place: Place) -> str:
        values = self._addresser.identity.shown_values(dict(self._recipient.fields), self._language)
        return fill_place(place, self.address, values)

    @property
    def _language(self) -> str:
        return self._recipient.language or self._addresser.language

    @property
    def _joining(self) -> tuple[str, str]:
        return joining_words(
            self._recipient.joined_at,
            language=self._language,
            timezone=self._addresser.timezone,
        )

    @property
    def _numbered(self) -> str:
        return f"{self._link}.{self._addresser.edition_id}"

    def _url(self, page: str, purpose: Purpose, payload: str) -> str:
        token = self._addresser.links.sign_payload(purpose, payload)
        return f"{self._addresser.identity.base_url}/{page}/{token}"

    def _return_address(self, purpose: ReturnPurpose) -> str:
        """Return the signed address of this delivery; empty if none is configured."""
        signer, edition_id = self._addresser.return_paths, self._addresser.edition_id
        return signer.sign(purpose, edition_id, self._recipient.subscriber_id) if signer else ""
