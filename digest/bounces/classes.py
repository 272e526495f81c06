"""The party that a bounce is about, and the consequence for the subscriber. Pure.

Apart from the rules, which take long to load and which a send does not need.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BounceClass(StrEnum):
    """The party that a bounce is about."""

    #: The mailbox or its domain does not exist or takes no mail any more.
    HARD = "hard-recipient"
    #: The mailbox takes no mail for now.
    SOFT = "soft-recipient"
    #: The mail itself was refused.
    MESSAGE = "message"
    #: The sender was refused.
    POLICY = "sender-policy"
    #: A failure without a usable reason.
    AMBIGUOUS = "ambiguous"
    COMPLAINT = "complaint"
    NONE = "none"


class Effect(StrEnum):
    """The consequence for the subscriber."""

    #: Never mail the address again.
    SUPPRESS = "suppress"
    #: Suppress if an earlier report said the same.
    CONFIRM = "confirm"
    #: Count a failure.
    SCORE = "score"
    #: Unsubscribe from every newsletter and never mail the address again.
    LEAVE_ALL = "leave-all"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The meaning of one report."""

    bounce_class: BounceClass
    effect: Effect
    #: The enhanced status code that belongs to the class, if there is one.
    status: str = ""
