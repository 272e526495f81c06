"""The parts of the public pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from digest.newsroom.context import RunContext
from digest.web.clients import IPNetwork
from digest.web.ports import (
    BounceHooks,
    Clock,
    LeaveLinks,
    Leavers,
    PictureFinder,
    PollFinder,
    PublicArchive,
    SignUpDesk,
    Voter,
    WebView,
)
from digest.web.public.pages import PublicPages
from subscribers.tokens import LinkReader, LinkSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDoor:
    """The parts of the public pages."""

    #: As in every mail; requests for any other host are refused.
    base_url: str
    #: Reads the tokens of links that any of the signing keys has signed.
    links: LinkReader
    #: Signs with the newest key.
    signer: LinkSigner
    leavers: Leavers
    web_view: WebView
    pages: PublicPages
    clock: Clock
    archive: PublicArchive
    #: For the pages of one subscriber that read or change more than their subscription.
    context: RunContext
    sign_ups: SignUpDesk
    #: Whether pages may show images by http.
    is_development: bool = False
    pictures: PictureFinder = lambda _file: None
    find_poll: PollFinder = lambda _link: None
    vote: Voter = lambda _link, _choice: None
    send_leave_links: LeaveLinks = lambda address, *, network: True  # noqa: ARG005
    #: After that, a sign-up that is not confirmed is deleted.
    unconfirmed: timedelta = timedelta(days=7)
    #: None: no webhook of a mail provider is configured.
    hooks: BounceHooks | None = None
    #: Raises StoreError while the database must not be changed: it was put back or copied.
    refuse_changes: Callable[[], None] = lambda: None
    #: Proxies whose `X-Forwarded-For` is believed.
    trusted_proxies: tuple[IPNetwork, ...] = ()

    @property
    def root(self) -> str:
        """The path of the public address, such as `/news`; empty if it has none."""
        return urlsplit(self.base_url).path.rstrip("/")
