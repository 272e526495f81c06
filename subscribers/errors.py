"""What this package cannot carry on after."""

from __future__ import annotations


class SubscriberError(Exception):
    """The root of this tree; the message is one line for the operator."""
