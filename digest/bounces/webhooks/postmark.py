"""Postmark: one event a request. Postmark signs nothing, so a secret in the address proves it.

https://postmarkapp.com/developer/webhooks/bounce-webhook
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from hmac import compare_digest

from digest.bounces.parse import Mail
from digest.bounces.webhooks import events
from digest.bounces.webhooks.fields import DELIVERY_FIELD
from digest.bounces.webhooks.request import (
    Fields,
    HookRefused,
    HookRequest,
    find_traces,
    read_object,
)

#: A header that the operator may set at Postmark in place of a password in the address.
SECRET_HEADER = "x-webhook-secret"  # noqa: S105 - a name
_TEMPORARY = ("Transient", "DnsError", "SoftBounce")
#: Postmark or the receiver refused the sender or the content.
_BLOCKED = ("SpamNotification", "Blocked", "DMARCPolicy", "VirusNotification", "SMTPApiError")
_MAX_CONTENT = 50_000


def check_postmark(request: HookRequest, secret: str) -> None:
    """Check the password of a request (HTTP Basic, any user name), or the secret in its header.

    Raises:
        HookRefused: it has none, or another one.
    """
    given = request.headers.get(SECRET_HEADER) or _password(request.headers)
    if not compare_digest(given.encode(), secret.encode()):
        raise HookRefused("the secret is not valid")


def _password(headers: Mapping[str, str]) -> str:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]


def read_postmark(request: HookRequest) -> tuple[Mail, ...]:
    """Return the event of a checked request; none if it is about something else.

    Raises:
        HookUnreadable: it has none.
    """
    return tuple(read_event(read_object(request.body)))


def read_event(event: Fields) -> Iterator[Mail]:
    """Yield what one event says; nothing if it is about no failure, complaint or leaving."""
    event_id = f"postmark:{event.text('ID', most=40) or event.digest}"
    recipient = event.text("Email") or event.text("Recipient")
    content = event.text("Content", most=_MAX_CONTENT)
    traces = find_traces(event.part("Metadata").text(DELIVERY_FIELD), content)
    match event.text("RecordType"), event.text("Type"), event.text("SuppressionReason"):
        case ("SpamComplaint", _, _) | ("Bounce", "SpamComplaint", _):
            yield events.complaint(event_id, recipient, "abuse", traces)
        case ("SubscriptionChange", _, "SpamComplaint") if event.says("SuppressSending"):
            yield events.complaint(event_id, recipient, "abuse", traces)
        case ("SubscriptionChange", _, "ManualSuppression") if event.says("SuppressSending"):
            # The operator's own list may be about another stream.
            if event.text("Origin") == "Recipient":
                yield events.unsubscription(event_id, recipient, traces)
        case ("Bounce", "Unsubscribe", _):
            yield events.unsubscription(event_id, recipient, traces)
        case ("Bounce", kind, _):
            yield from _bounce(event, kind, event_id, recipient, traces)


def _bounce(
    event: Fields, kind: str, event_id: str, recipient: str, traces: tuple[str, ...]
) -> Iterator[Mail]:
    words = event.text("Details")
    if kind in _BLOCKED:
        yield events.blocked(event_id, recipient, words, traces)
    elif kind == "ManuallyDeactivated":
        yield events.bounce(event_id, recipient, events.DROPPED, traces)
    elif kind in ("HardBounce", "BadEmailAddress", "Unknown", *_TEMPORARY):
        status = "5.1.3" if kind == "BadEmailAddress" else ""
        is_transient = kind in _TEMPORARY
        yield events.bounce(
            event_id, recipient, words, traces, status=status, is_transient=is_transient
        )
