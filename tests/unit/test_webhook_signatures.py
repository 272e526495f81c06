"""Who may post events of mail providers: the signatures and secrets of their requests."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from digest.bounces.webhooks import mailgun, postmark, sendgrid, ses
from digest.bounces.webhooks.request import HookRefused, HookRequest
from digest.bounces.webhooks.signatures import check_ecdsa
from tests.support.ledger_rows import NOW
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

CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"
LATER = NOW + timedelta(days=100)
BOUNCE = json.dumps(ses_event("ann@example.org"))


def message_of(text: str = BOUNCE, **changes: str) -> ses.SnsMessage:
    body = json.dumps(rsa_key(NOW).sns(text, **changes)).encode()
    return ses.read_sns(HookRequest(headers={}, body=body, at=NOW), (TOPIC,))


def certificate_without_rsa() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_message_of_amazon_is_believed_by_its_signature(version: str) -> None:
    ses.check_sns(message_of(version=version), rsa_key(NOW).certificate, now=NOW)


def test_a_message_of_amazon_is_refused_for_each_fault() -> None:
    certificate = rsa_key(NOW).certificate
    for message, with_certificate, now, why in (
        (message_of(version="3"), certificate, NOW, "version"),
        (message_of(), certificate, LATER, "not valid now"),
        (message_of(), certificate_without_rsa(), NOW, "no RSA key"),
        (message_of(), b"none", NOW, "the signature is not valid"),
    ):
        with pytest.raises(HookRefused, match=why):
            ses.check_sns(message, with_certificate, now=now)
    with pytest.raises(HookRefused, match="topic"):
        message_of(TopicArn=f"{TOPIC}-of-another")


def test_a_subscription_is_confirmed_at_amazon_only() -> None:
    subscription: dict[str, Any] = {"Type": "SubscriptionConfirmation", "Token": "1"}
    assert ses.confirmation_url(message_of()) == ""
    assert ses.confirmation_url(message_of(SubscribeURL=CONFIRM, **subscription)) == CONFIRM
    elsewhere = CONFIRM.replace("amazonaws.com", "evil.example")
    with pytest.raises(HookRefused, match="subscription"):
        ses.confirmation_url(message_of(SubscribeURL=elsewhere, **subscription))


def test_only_a_notification_of_amazon_has_an_event() -> None:
    assert message_of().certificate_url == CERTIFICATE_URL
    assert len(ses.read_notification(message_of())) == 1
    assert ses.read_notification(message_of("Successfully validated SNS topic.")) == ()
    assert ses.read_notification(message_of(Type="UnsubscribeConfirmation")) == ()


def test_a_request_of_sendgrid_needs_its_two_headers() -> None:
    key, body = ecdsa_key(), b"[]"
    sendgrid.check_sendgrid(
        HookRequest(headers=key.headers(body), body=body, at=NOW), key.public_key
    )
    with pytest.raises(HookRefused, match="not signed"):
        sendgrid.check_sendgrid(HookRequest(headers={}, body=body, at=NOW), key.public_key)


def test_a_key_of_another_kind_is_named() -> None:
    certificate = x509.load_pem_x509_certificate(rsa_key(NOW).certificate)
    der = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(HookRefused, match="not a key for ECDSA"):
        check_ecdsa(base64.b64encode(der).decode(), b"", b"")


@pytest.mark.parametrize(
    ("headers", "is_valid"),
    [
        (basic(SECRET), True),
        ({postmark.SECRET_HEADER: SECRET}, True),
        (basic("another"), False),
        ({"authorization": f"Bearer {SECRET}"}, False),
        ({"authorization": "Basic ???"}, False),
        ({}, False),
    ],
)
def test_a_request_of_postmark_needs_the_secret(headers: dict[str, str], *, is_valid: bool) -> None:
    request = HookRequest(headers=headers, body=b"{}", at=NOW)
    if is_valid:
        postmark.check_postmark(request, SECRET)
    else:
        with pytest.raises(HookRefused, match="secret"):
            postmark.check_postmark(request, SECRET)


def test_a_time_of_mailgun_that_is_no_number_is_refused() -> None:
    body = mailgun_body({"event": "complained"}, "soon")
    with pytest.raises(HookRefused, match="time"):
        mailgun.check_mailgun(HookRequest(headers={}, body=body, at=NOW), SECRET)
