"""What requests of mail providers change, on each engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace, TracebackType
from typing import Any, Self, cast

import pytest
from sqlalchemy import delete, select, update

from digest.errors import FeedError
from digest.letter.printing.headers import message_id
from digest.models import Fetched, Validators
from digest.newsroom.context import RunContext
from digest.newsroom.hooks import HookAnswer, Hooks, Provider, Webhook
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.tables import audit, bounces, editions
from tests.contract.test_bounces import DOMAIN, KEYS, Post, mark_sent, signed
from tests.support.ledger_rows import NOW, address, fill_ledger
from tests.support.webhooks import (
    CERTIFICATE_URL,
    SECRET,
    TOPIC,
    basic,
    ecdsa_key,
    mailgun_body,
    rsa_key,
    ses_event,
)

STORED, REFUSED = HookAnswer.STORED, HookAnswer.REFUSED


class Amazon:
    """Serves the certificate of SNS; counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.called: list[str] = []
        self.is_down = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None
    ) -> None:
        pass

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.is_down:
            raise FeedError(url, "no response in time", transient=True)
        body = rsa_key(NOW).certificate
        return Fetched(url=url, status=200, body=body, content_type="", validators=Validators())

    async def call(self, url: str) -> None:
        self.called.append(url)


class Desk(Post):
    """The webhooks of one installation."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.now = NOW + timedelta(hours=1)
        self.amazon = Amazon()
        context = SimpleNamespace(
            database=database,
            keys=KEYS,
            return_domain=DOMAIN,
            clock=lambda: self.now,
            alerts=SimpleNamespace(recipients=()),
        )
        accounts = [
            Webhook(provider=Provider.SES, topics=(TOPIC,)),
            Webhook(provider=Provider.SENDGRID, public_key=ecdsa_key().public_key),
            Webhook(provider=Provider.POSTMARK, secret=SECRET),
            Webhook(provider=Provider.MAILGUN, secret=SECRET),
        ]
        opened = cast("Callable[[], Fetcher]", lambda: self.amazon)
        self.hooks = Hooks(cast("RunContext", context), accounts, opened)

    def post(self, provider: str, body: bytes, headers: dict[str, str] | None = None) -> HookAnswer:
        return asyncio.run(self.hooks.receive(provider, headers or {}, body))

    def stored(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(bounces)).all())

    def ses(self, event: dict[str, Any], **changes: str) -> HookAnswer:
        told = rsa_key(NOW).sns(json.dumps(event), **changes)
        return self.post("ses", json.dumps(told).encode())

    def sendgrid(self, *events: dict[str, Any]) -> HookAnswer:
        body = json.dumps(events).encode()
        return self.post("sendgrid", body, ecdsa_key().headers(body))


@pytest.fixture
def desk(database: Database) -> Desk:
    fill_ledger(database, 5)
    mark_sent(database)
    return Desk(database)


def own_id(person: int, edition: int = 1) -> str:
    return message_id(edition, person, KEYS[0].encode(), "example.org")


def sendgrid_bounce(person: int, trace: str, event_id: str = "1") -> dict[str, Any]:
    told = {"event": "bounce", "email": address(person), "sg_event_id": event_id}
    return told | {"reason": "550 5.1.1 user unknown", "status": "5.1.1", "delivery": trace}


POSTMARK = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "Email": address(1),
    "Details": "550 5.1.1 user unknown",
    "Metadata": {"delivery": own_id(1)},
}
MAILGUN = {
    "id": "1",
    "event": "failed",
    "severity": "permanent",
    "reason": "bounce",
    "recipient": address(1),
    "delivery-status": {"code": 550, "message": "5.1.1 user unknown"},
    "message": {"headers": {"message-id": own_id(1).strip("<>")}},
}


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_bounce_of_ses_suppresses_its_subscriber(desk: Desk, version: str) -> None:
    assert desk.ses(ses_event(address(1), own_id(1)), version=version) is STORED
    assert desk.reasons(1) == ("bounced",)
    assert desk.reasons(2) == ()


def test_the_envelope_sender_proves_a_bounce_of_ses_too(desk: Desk) -> None:
    event = ses_event("another.address@example.org", source=signed(1))
    assert desk.ses(event) is STORED
    assert desk.reasons(1) == ("bounced",)


@pytest.mark.parametrize(
    ("provider", "post"),
    [
        ("sendgrid", lambda desk: desk.sendgrid(sendgrid_bounce(1, own_id(1)))),
        (
            "postmark",
            lambda desk: desk.post("postmark", json.dumps(POSTMARK).encode(), basic(SECRET)),
        ),
        (
            "postmark",
            lambda desk: desk.post(
                "postmark", json.dumps(POSTMARK).encode(), {"x-webhook-secret": SECRET}
            ),
        ),
        ("mailgun", lambda desk: desk.post("mailgun", mailgun_body(MAILGUN, desk.now))),
    ],
)
def test_a_bounce_of_each_provider_suppresses_its_subscriber(
    desk: Desk, provider: str, post: Callable[[Desk], HookAnswer]
) -> None:
    assert post(desk) is STORED
    assert desk.reasons(1) == ("bounced",)
    with desk.database.read() as connection:
        assert connection.execute(select(audit.c.actor)).scalars().all() == [f"webhook {provider}"]


def test_a_complaint_ends_every_subscription_and_an_unsubscription_one(desk: Desk) -> None:
    told = {"email": address(1), "event": "spamreport", "delivery": own_id(1)}
    left = {"email": address(2), "event": "unsubscribe", "delivery": own_id(2)}
    assert desk.sendgrid(told, left) is STORED
    assert desk.subscription(1) == ("complained", "complaint")
    assert desk.reasons(1) == ("complained",)
    assert desk.subscription(2) == ("left", "mail")
    assert desk.reasons(2) == ()


def test_an_event_counts_once(desk: Desk) -> None:
    event = sendgrid_bounce(1, own_id(1)) | {"reason": "452 4.2.2 over quota", "status": "4.2.2"}
    assert [desk.sendgrid(event), desk.sendgrid(event, event)] == [STORED, STORED]
    assert desk.stored() == 1


def test_an_edition_pauses_also_when_its_last_report_is_sent_again(desk: Desk) -> None:
    told = [
        {"email": address(n), "event": "spamreport", "delivery": own_id(n), "sg_event_id": str(n)}
        for n in range(1, 6)
    ]
    assert desk.sendgrid(*told) is STORED
    assert edition_state(desk) == "paused"
    # As if the process had stopped between the report and the pause.
    with desk.database.write() as connection:
        connection.execute(update(editions).values(state="sending"))
        connection.execute(delete(audit))
    assert desk.sendgrid(*told) is STORED
    assert edition_state(desk) == "paused"


def edition_state(desk: Desk) -> str:
    with desk.database.read() as connection:
        return str(connection.execute(select(editions.c.state)).scalar_one())


# --- forged -------------------------------------------------------------------------------------


FORGED = (
    "",
    own_id(2),
    own_id(1, edition=99),
    own_id(1).replace("<e1.", "<e2."),
    message_id(1, 1, b"a stranger's key", "example.org"),
    signed(1, key="a stranger's key"),
    signed(1, edition=99),
)


def test_an_event_without_our_signature_changes_nothing(desk: Desk) -> None:
    for trace in FORGED:
        assert desk.sendgrid(sendgrid_bounce(1, trace)) is STORED
        assert desk.ses(ses_event(address(1), trace)) is STORED
        assert desk.stored() == 0, trace
    assert desk.reasons(1) == ()


def test_a_request_of_a_stranger_changes_nothing(desk: Desk) -> None:
    body = json.dumps([sendgrid_bounce(1, own_id(1))]).encode()
    headers = ecdsa_key().headers(body)
    sns = rsa_key(NOW).sns(json.dumps(ses_event(address(1), own_id(1))))
    changed = json.dumps(ses_event(address(2), own_id(2)))
    timestamp = "x-twilio-email-event-webhook-timestamp"
    answers = [
        desk.post("sendgrid", body),
        desk.post("sendgrid", body + b" ", headers),
        desk.post("sendgrid", body, headers | {timestamp: "1700000001"}),
        desk.post("ses", json.dumps(sns | {"Message": changed}).encode()),
        desk.post("ses", json.dumps(sns | {"SignatureVersion": "1"}).encode()),
        desk.post("ses", json.dumps(sns | {"SignatureVersion": "3"}).encode()),
        desk.post("ses", json.dumps(sns | {"Signature": "?"}).encode()),
        desk.post("postmark", json.dumps(POSTMARK).encode()),
        desk.post("postmark", json.dumps(POSTMARK).encode(), basic("guess")),
        desk.post("postmark", json.dumps(POSTMARK).encode(), {"authorization": "Basic ?"}),
        desk.post("mailgun", mailgun_body(MAILGUN, desk.now).replace(b'"ttt', b'"utt')),
        desk.post("mailgun", mailgun_body(MAILGUN, desk.now - timedelta(minutes=16))),
    ]
    assert answers == [REFUSED] * len(answers)
    assert desk.stored() == 0


def test_a_message_of_another_topic_is_refused_before_its_certificate_is_fetched(
    desk: Desk,
) -> None:
    other = TOPIC.replace("123456789012", "999999999999")
    assert desk.ses(ses_event(address(1), own_id(1)), TopicArn=other) is REFUSED
    assert desk.amazon.asked == []
    assert desk.stored() == 0


def test_a_token_of_mailgun_is_accepted_once(desk: Desk) -> None:
    body = mailgun_body(MAILGUN, desk.now)
    assert [desk.post("mailgun", body), desk.post("mailgun", body)] == [STORED, REFUSED]
    other = mailgun_body(MAILGUN | {"id": "2"}, desk.now)
    assert desk.post("mailgun", other) is REFUSED
    assert desk.stored() == 1


def test_only_configured_providers_are_heard(desk: Desk) -> None:
    assert desk.post("mandrill", b"[]") is HookAnswer.UNKNOWN
    assert desk.post("sendgrid", b"{}", ecdsa_key().headers(b"{}")) is HookAnswer.UNREADABLE


# --- Amazon SNS ---------------------------------------------------------------------------------


def test_a_certificate_is_fetched_once(desk: Desk) -> None:
    for number in range(3):
        desk.ses(ses_event(address(1), own_id(1), feedbackId=f"f{number}"))
    assert desk.amazon.asked == [CERTIFICATE_URL]


def test_amazon_is_asked_to_send_again_while_its_certificate_cannot_be_fetched(desk: Desk) -> None:
    desk.amazon.is_down = True
    assert desk.ses(ses_event(address(1), own_id(1))) is HookAnswer.TRY_LATER
    desk.amazon.is_down = False
    assert desk.ses(ses_event(address(1), own_id(1))) is STORED


def test_an_expired_certificate_proves_nothing(desk: Desk) -> None:
    desk.now += timedelta(days=365)
    assert desk.ses(ses_event(address(1), own_id(1))) is REFUSED


URL = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=a1"


def test_a_subscription_is_confirmed_at_amazon(desk: Desk) -> None:
    asked = {"Type": "SubscriptionConfirmation", "Token": "a1", "SubscribeURL": URL}
    assert desk.ses({}, **asked) is STORED
    assert desk.amazon.called == [URL]


def test_a_subscription_is_not_confirmed_elsewhere(desk: Desk) -> None:
    for url in ("http://127.0.0.1:8001/", URL.replace("amazonaws.com", "evil.example")):
        asked = {"Type": "SubscriptionConfirmation", "Token": "a1", "SubscribeURL": url}
        assert desk.ses({}, **asked) is REFUSED
    assert desk.ses({}, Type="SubscriptionConfirmation", Token="a1") is REFUSED
    assert desk.amazon.called == []
