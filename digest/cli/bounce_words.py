"""The classes of bounces, for people."""

from __future__ import annotations

#: What was reported about a mail, or why a mail server refused it.
BOUNCES = {
    "complaint": "reported as spam",
    "hard-recipient": "no such mailbox",
    "soft-recipient": "mailbox full or not reachable",
    "message": "content or size refused",
    "sender-policy": "sender refused",
    "ambiguous": "failed without a reason",
    "none": "no failure",
    "unsubscribe": "asked to leave by mail",
}
