"""The addresses of the public pages below `base_url`; links in mails already sent keep them."""

from __future__ import annotations

from enum import StrEnum


class PublicPath(StrEnum):
    """The first part of the path of each public page; no newsletter may have such a name."""

    #: One subscriber's pages; a token follows.
    LEAVE = "u"
    PREFERENCES = "p"
    VIEW = "v"
    POLL = "q"
    CONFIRM = "c"
    MOVE = "m"
    PRIVATE = "d"
    #: Pages for everybody; a newsletter's name may follow.
    SIGN_UP = "subscribe"
    LEAVE_BY_ADDRESS = "unsubscribe"
    ARCHIVE = "archive"
    PRIVACY = "privacy"
    #: Parts of pages and mails.
    PICTURE = "i"
    THEME = "theme"
    API = "api"
    #: Requests of mail providers.
    HOOKS = "hooks"


#: No newsletter may have one of these names: its own page is `base_url/NAME`.
TAKEN_PATHS = frozenset({*PublicPath, "style"})
