"""The base class of this package's errors."""

from __future__ import annotations


class SubscriberError(Exception):
    """The base class; the message is one line for the operator."""
