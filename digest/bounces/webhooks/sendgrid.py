"""Twilio SendGrid: a list of events, signed with ECDSA over the time and the body.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

from __future__ import annotations

from collections.abc import Iterator

from digest.bounces.parse import Mail
from digest.bounces.webhooks import events
from digest.bounces.webhooks.fields import DELIVERY_FIELD
from digest.bounces.webhooks.request import (
    Fields,
    HookRefused,
    HookRequest,
    find_traces,
    read_objects,
)
from digest.bounces.webhooks.signatures import check_ecdsa, decode_base64

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def check_sendgrid(request: HookRequest, public_key: str) -> None:
    """Check the signature of a request.

    Raises:
        HookRefused: it is not valid.
    """
    signature, timestamp = request.headers.get(_SIGNATURE), request.headers.get(_TIMESTAMP)
    if not signature or not timestamp:
        raise HookRefused("the request is not signed")
    check_ecdsa(public_key, decode_base64(signature), timestamp.encode() + request.body)


def read_sendgrid(request: HookRequest) -> tuple[Mail, ...]:
    """Return the events of a checked request.

    Raises:
        HookUnreadable: it has none.
    """
    return tuple(mail for event in read_objects(request.body) for mail in read_event(event))


def read_event(event: Fields) -> Iterator[Mail]:
    """Yield what one event says; nothing if it is about no failure, complaint or leaving."""
    kind, recipient, reason = event.text("event"), event.text("email"), event.text("reason")
    event_id = f"sendgrid:{event.text('sg_event_id', most=200) or event.digest}"
    traces = find_traces(event.text(DELIVERY_FIELD), event.text("smtp-id"))
    match kind, reason:
        case ("spamreport", _) | ("dropped", "Spam Reporting Address"):
            yield events.complaint(event_id, recipient, "abuse", traces)
        case ("unsubscribe" | "group_unsubscribe", _) | ("dropped", "Unsubscribed Address"):
            yield events.unsubscription(event_id, recipient, traces)
        case ("dropped", "Bounced Address"):
            yield events.bounce(event_id, recipient, events.DROPPED, traces)
        # The other reasons are of the mail and of the account.
        case ("dropped", _):
            yield events.blocked(event_id, recipient, reason, traces)
        case ("bounce", _):
            status = event.text("status", most=20)
            yield events.bounce(event_id, recipient, reason, traces, status=status)
