"""The sending site's settings for letters."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models.paths import PublicPath


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSite:
    """Settings of the sending site that apply to every letter."""

    #: Public address of the subscribers' pages, without a trailing slash.
    base_url: str
    #: Street address of the sender; anti-spam laws require it in every mail.
    postal_address: str
    #: Whether http links, localhost and example domains are allowed.
    is_development: bool = False
    #: Whether somebody reads replies to the mail.
    reads_replies: bool = False
    #: Names of the subscribers' own fields.
    fields: tuple[str, ...] = ()
    #: Names of those of them that are days, which are printed in words.
    days: tuple[str, ...] = ()
    #: Whether past editions are public pages, and whether search engines may list them.
    has_archive: bool = False
    is_archive_indexed: bool = True

    def subscribe_url(self, newsletter: str) -> str:
        """Return the address of a newsletter's own page, where anybody can subscribe."""
        return f"{self.base_url}/{newsletter}"

    def archive_url(self, newsletter: str) -> str:
        """Return the address of a newsletter's past editions; empty if they are not public."""
        return f"{self.base_url}/{PublicPath.ARCHIVE}/{newsletter}" if self.has_archive else ""
