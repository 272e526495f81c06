"""Names the parties that a bounce can be about."""

from __future__ import annotations

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
