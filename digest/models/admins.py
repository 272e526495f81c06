"""The people who use the desk: their roles, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Right(StrEnum):
    """One kind of thing that a person may do at the desk."""

    #: Read every page that has no subscriber's address.
    SEE = "see"
    #: Change texts, stories and comments of a draft.
    CHANGE = "change"
    #: Make or refresh a draft.
    COMPOSE = "compose"
    #: Send a test mail.
    TEST = "test"
    APPROVE = "approve"
    CANCEL = "cancel"
    SEND = "send"
    PAUSE = "pause"
    RESUME = "resume"
    #: Settle unknown deliveries.
    RESOLVE = "resolve"
    #: Add and change feeds.
    FEEDS = "feeds"
    #: Open the mail of one subscriber, which has their address, at the desk; send it as a test.
    OPEN = "open"
    #: See subscribers with their addresses, change and suppress them.
    PEOPLE = "people"
    #: Import subscribers from a file.
    IMPORT = "import"
    #: Count the whole list of subscribers, which is slow, and store the counts.
    COUNT = "count"


class Role(StrEnum):
    """The role of an account."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPS = "ops"


_SEE = frozenset({Right.SEE})
_EDIT = _SEE | {Right.CHANGE, Right.COMPOSE, Right.TEST, Right.OPEN, Right.COUNT}

#: What each role may do.
RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.VIEWER: _SEE,
        Role.EDITOR: _EDIT,
        Role.APPROVER: _EDIT | {Right.APPROVE, Right.CANCEL},
        Role.OPS: _SEE
        | {
            Right.SEND,
            Right.PAUSE,
            Right.RESUME,
            Right.RESOLVE,
            Right.FEEDS,
            Right.OPEN,
            Right.PEOPLE,
            Right.IMPORT,
            Right.COUNT,
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in at the desk."""

    id: int
    #: In lower case.
    name: str
    role: Role
    #: Whether the account can sign in with a password; otherwise only through a proxy.
    has_password: bool
    created_at: datetime
    #: None if the account was never used with a password.
    signed_in_at: datetime | None

    @property
    def rights(self) -> frozenset[Right]:
        """The rights of the account."""
        return RIGHTS[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token with which a program uses the API for the person who made it; without its secret."""

    id: int
    name: str
    role: Role
    #: `Actor.name` of who made it.
    maker: str
    #: The account of who made it; None if it was made on this machine without an account.
    account: Account | None
    created_at: datetime
    #: None: it has no end.
    ends_at: datetime | None
    #: The last use, to a few minutes; None if it was never used.
    used_at: datetime | None

    @property
    def rights(self) -> frozenset[Right]:
        """Its rights: never more than those that the account has now."""
        own = RIGHTS[self.role]
        return own if self.account is None else own & self.account.rights

    def has_ended(self, now: datetime) -> bool:
        """Return whether its last day is over."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The account that asks, as far as the session or the proxy proves it."""

    #: Whether there is any account; without one, only this machine is served.
    has_accounts: bool
    #: None if the client has not signed in.
    account: Account | None = None
