"""The people who use the desk: their roles, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Right(StrEnum):
    """One kind of thing that a person may do at the desk."""

    #: Read every page.
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
    #: Change and suppress subscribers.
    PEOPLE = "people"
    #: Import subscribers from a file.
    IMPORT = "import"


class Role(StrEnum):
    """The role of an account."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPS = "ops"


_SEE = frozenset({Right.SEE})
_EDIT = _SEE | {Right.CHANGE, Right.COMPOSE, Right.TEST}

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
            Right.PEOPLE,
            Right.IMPORT,
        },
    }
)
