"""The body, the signature and the waits of an event that is posted to a webhook."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.config.webhooks import secret_bytes
from digest.models import WebhookCall
from digest.newsroom.outgoing.signing import body_of, headers_of
from digest.newsroom.outgoing.waits import MAX_AGE, plan_call

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
#: The example of the specification's libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALL = WebhookCall(
    id=1,
    public_id="evt_1",
    webhook="one",
    kind="subscriber.left",
    at=NOW,
    data='{"newsletter": "weekly", "how": "page"}',
    subscriber="public1",
    address="ann@example.org",
    attempts=1,
)


def test_the_signature_is_that_of_the_specifications_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    found = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", body, secret_bytes(SECRET), now=at)
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_body_has_the_person_as_known_now() -> None:
    assert json.loads(body_of(CALL)) == {
        "type": "subscriber.left",
        "timestamp": "2026-11-23T12:00:00Z",
        "data": {
            "newsletter": "weekly",
            "how": "page",
            "subscriber": {"id": "public1", "address": "ann@example.org"},
        },
    }
    assert "subscriber" not in json.loads(body_of(replace(CALL, subscriber="")))["data"]


def test_waits_grow_and_end_after_days() -> None:
    waits, now = [], NOW
    for attempts in range(1, 99):
        if (next_at := plan_call(attempts, at=NOW, now=now)) is None:
            break
        waits.append(next_at - now)
        now = next_at
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=1)
    assert timedelta(days=2) < now - NOW <= MAX_AGE


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("short", "must start with whsec_"),
        ("whsec_not base64!", "must be base64"),
        ("whsec_AAAA", "24 to 64 bytes"),
    ],
)
def test_a_weak_secret_is_refused_without_being_quoted(secret: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        secret_bytes(secret)
    assert secret.removeprefix("whsec_") not in str(refused.value)
