"""The operator's answers about a new installation, before there is a configuration."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models.parsed import NewFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayAnswer:
    """The mail relay of a new installation."""

    host: str
    port: int
    #: `starttls`, `tls` or `none`.
    security: str
    #: Empty: the relay asks for no password.
    username: str = ""
    #: The file with the password, relative to the configuration; empty if there is none.
    password_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The values for a new configuration; an empty one keeps the example's."""

    #: The publisher's name.
    name: str = ""
    #: The newsletter's title.
    title: str = ""
    #: The site that the feeds belong to.
    home_url: str = ""
    #: The public pages of `digest serve`.
    base_url: str = ""
    postal_address: str = ""
    #: The sender: a name and an address, or an address.
    sender: str = ""
    #: Wall clock, such as `Mon 07:00`.
    schedule: str = ""
    #: IANA name.
    timezone: str = ""
    #: A BCP 47 tag that the program has words for.
    language: str = ""
    #: The feeds; their categories become the sections, in this order.
    feeds: tuple[NewFeed, ...] = ()
    #: None: still to be named, so mails go to a folder only.
    relay: RelayAnswer | None = None
