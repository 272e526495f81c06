"""Signs events as the specification "Standard Webhooks" 1.0 says. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from digest.models import WebhookCall


def body_of(call: WebhookCall) -> bytes:
    """Return the JSON that is posted: `type`, `timestamp` (of the event) and `data`."""
    data: dict[str, Any] = json.loads(call.data)
    if call.subscriber:
        data["subscriber"] = {"id": call.subscriber, "address": call.address}
    at = call.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    body = {"type": call.kind, "timestamp": at, "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(public_id: str, body: bytes, secret: bytes, *, now: datetime) -> Mapping[str, str]:
    """Return the headers that prove an event: HMAC-SHA256 over its id, this time and its body.

    Args:
        public_id: the receiver's name for the event, the same at each try.
        body: the bytes that are posted.
        secret: the key that the receiver has too.
        now: the time of this try; the receiver refuses an old one.
    """
    seconds = str(int(now.timestamp()))
    signed = b".".join((public_id.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": public_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature}",
    }
