"""What a letter says of the site that sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSite:
    """Facts about the sending site that every letter prints or obeys."""

    #: Public address of the subscribers' pages, without a slash at the end.
    base_url: str
    #: Street address of the sender; anti-spam laws ask for it in every mail.
    postal_address: str
    #: Allows http links, localhost and example domains.
    is_development: bool = False
    #: Whether the poll is printed: in no mail before its pages are there to answer.
    shows_poll: bool = False
