"""The name of the value that carries the signed id of a mail to a provider and back."""

from __future__ import annotations

#: The key of Postmark's metadata, and of SendGrid's unique arguments. They hold our Message-ID.
DELIVERY_FIELD = "delivery"
