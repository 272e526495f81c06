"""Requests of mail providers, signed as the providers sign them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE_URL = (
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
)
SECRET = "the secret of a provider"


class Rsa:
    """A key of Amazon SNS, and its certificate."""

    def __init__(self, now: datetime) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=90))
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = built.public_bytes(serialization.Encoding.PEM)

    def sns(self, message: str, *, version: str = "2", **changes: str) -> dict[str, str]:
        """Return a signed message of SNS; `changes` are signed too."""
        fields = {
            "Type": "Notification",
            "MessageId": "02f86d9b-eecf-573d-b47d-3d1850750c30",
            "TopicArn": TOPIC,
            "Message": message,
            "Timestamp": "2026-11-23T12:00:00.000Z",
        } | changes
        # In the order of the names, each name and value on a line of its own.
        lines = [line for name in sorted(fields) for line in (name, fields[name])]
        signed = "".join(f"{line}\n" for line in lines).encode()
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303
        signature = self._key.sign(signed, padding.PKCS1v15(), algorithm)
        return fields | {
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": CERTIFICATE_URL,
        }


class Ecdsa:
    """A key of SendGrid."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = base64.b64encode(der).decode()

    def headers(self, body: bytes, timestamp: str = "1700000000") -> dict[str, str]:
        """Return the headers that prove a body."""
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
            "x-twilio-email-event-webhook-timestamp": timestamp,
        }


@cache
def rsa_key(now: datetime) -> Rsa:
    """Return the key of all tests; making one takes long."""
    return Rsa(now)


@cache
def ecdsa_key() -> Ecdsa:
    """Return the key of all tests."""
    return Ecdsa()


def mailgun_body(event: dict[str, Any], at: datetime | str, *, token: str = "t" * 50) -> bytes:
    """Return a signed request of Mailgun, with a time or with any word in its place."""
    timestamp = at if isinstance(at, str) else str(int(at.timestamp()))
    signature = hmac.new(SECRET.encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    signed = {"timestamp": timestamp, "token": token, "signature": signature.hexdigest()}
    return json.dumps({"signature": signed, "event-data": event}).encode()


def basic(password: str) -> dict[str, str]:
    """Return the header of an address with a user name and a password."""
    encoded = base64.b64encode(f"digest:{password}".encode()).decode()
    return {"authorization": f"Basic {encoded}"}


def ses_event(recipient: str, *headers: str, source: str = "", **bounce: Any) -> dict[str, Any]:
    """Return a bounce of SES; `headers` are values of the returned mail's header."""
    recipients = bounce.pop("recipients", None) or [
        {"emailAddress": recipient, "action": "failed", "status": "5.1.1"}
        | {"diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    ]
    told = {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-1"} | bounce
    return {
        "notificationType": "Bounce",
        "bounce": told | {"bouncedRecipients": recipients},
        "mail": {
            "source": source,
            "headers": [{"name": f"X-{n}", "value": value} for n, value in enumerate(headers)],
        },
    }
