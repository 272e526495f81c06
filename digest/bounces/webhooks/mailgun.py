"""Mailgun: one event a request, with an HMAC over the time and a token in the body.

The HMAC does not cover the event, so a token is accepted once and within 15 minutes:
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from digest.bounces.parse import Mail
from digest.bounces.webhooks import events
from digest.bounces.webhooks.request import (
    Fields,
    HookRefused,
    HookRequest,
    find_traces,
    read_object,
)

#: How far the time of a request may be from ours.
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEvent:
    """An event whose signature is valid."""

    #: To be accepted once.
    token: str
    event: Fields


def check_mailgun(request: HookRequest, secret: str) -> SignedEvent:
    """Check the signature of a request.

    Raises:
        HookUnreadable: it is no event.
        HookRefused: its signature is not valid, or too old.
    """
    fields = read_object(request.body)
    signed = fields.part("signature")
    timestamp, token = signed.text("timestamp", most=20), signed.text("token", most=200)
    expected = hmac.new(secret.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    given = signed.text("signature", most=100)
    if not token or not hmac.compare_digest(given.encode(), expected.hexdigest().encode()):
        raise HookRefused("the signature is not valid")
    # Signed, so these are Mailgun's digits.
    if not timestamp.isdecimal():
        raise HookRefused("the time of the signature cannot be read")
    if abs(request.at.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise HookRefused("the signature is older than 15 minutes")
    return SignedEvent(token=token, event=fields.part("event-data"))


def read_event(event: Fields) -> Iterator[Mail]:
    """Yield what one event says; nothing if it is about no failure, complaint or leaving."""
    kind, reason = event.text("event"), event.text("reason")
    # Unique within a day only.
    event_id = f"mailgun:{event.text('id', most=200)}/{event.text('timestamp', most=40)}"
    recipient = event.text("recipient")
    message_id = event.part("message").part("headers").text("message-id").strip("<>")
    traces = find_traces(
        event.part("envelope").text("sender"),
        f"<{message_id}>",
    )
    match kind, reason, event.text("severity"):
        case ("complained", _, _) | ("failed", "suppress-complaint", _):
            yield events.complaint(event_id, recipient, "abuse", traces)
        case ("unsubscribed", _, _) | ("failed", "suppress-unsubscribe", _):
            yield events.unsubscription(event_id, recipient, traces)
        case ("failed", "suppress-bounce", _):
            yield events.bounce(event_id, recipient, events.DROPPED, traces)
        # A temporary failure is tried again by Mailgun.
        case ("failed", _, "permanent"):
            yield _failure(event, event_id, recipient, traces)


def _failure(event: Fields, event_id: str, recipient: str, traces: tuple[str, ...]) -> Mail:
    status = event.part("delivery-status")
    words = status.text("message") or status.text("description")
    if event.text("reason") == "espblock":
        return events.blocked(event_id, recipient, words, traces)
    # The message has the code of the reply or not.
    code = status.text("code", most=3)
    reply = words if words.startswith(code) else f"{code} {words}"
    enhanced = status.text("enhanced-code", most=20)
    return events.bounce(event_id, recipient, reply, traces, status=enhanced)
