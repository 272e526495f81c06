"""Amazon SES, whose notifications come through Amazon SNS.

SNS signs each message with a certificate that the message names, so the address of the certificate
must be one of Amazon's own; the topic must be the operator's, because SNS signs for everyone:
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.bounces.parse import Mail
from digest.bounces.webhooks import events
from digest.bounces.webhooks.request import (
    Fields,
    HookRefused,
    HookRequest,
    HookUnreadable,
    find_traces,
    read_object,
)
from digest.bounces.webhooks.signatures import check_rsa, decode_base64

#: A message of SNS has at most 256 KB.
_MAX_MESSAGE = 300_000
_HOST = r"https://sns\.[a-z]{2,8}(?:-[a-z]{2,20}){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/[\w.-]{1,200}\.pem", re.ASCII)
_CONFIRMATION = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[\w.:%=&+-]{1,2000}", re.ASCII)
_NOTIFICATION = "Notification"
_SUBSCRIPTION = "SubscriptionConfirmation"
#: The signed fields of each kind of message, in this order; those that are missing are left out.
_SIGNED = {
    _NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    _SUBSCRIPTION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED[_SUBSCRIPTION]
#: What SES says about a bounce whose reply says nothing, as enhanced status codes.
_STATUS_OF = {
    "NoEmail": "5.1.1",
    "MailboxFull": "5.2.2",
    "MessageTooLarge": "5.3.4",
    "ContentRejected": "5.6.0",
    "AttachmentRejected": "5.6.0",
}
_DROPPED = ("Suppressed", "OnAccountSuppressionList")
_TYPED = re.compile(r"^\s*[\w-]+\s*;\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsMessage:
    """A message of SNS, not yet checked."""

    fields: Fields
    kind: str
    #: Where its certificate is.
    certificate_url: str


def read_sns(request: HookRequest, topics: tuple[str, ...]) -> SnsMessage:
    """Read a message of one of the topics.

    Raises:
        HookUnreadable: it is no message of SNS.
        HookRefused: its topic is another one, or its certificate is not at Amazon.
    """
    fields = read_object(request.body)
    kind, url = fields.text("Type"), fields.text("SigningCertURL")
    if kind not in _SIGNED:
        raise HookUnreadable("not a message of Amazon SNS")
    if fields.text("TopicArn") not in topics:
        raise HookRefused("the topic is not in bounces.webhooks.topics")
    if not _CERTIFICATE.fullmatch(url):
        raise HookRefused("the certificate is not at sns.REGION.amazonaws.com")
    return SnsMessage(fields=fields, kind=kind, certificate_url=url)


def check_sns(message: SnsMessage, certificate: bytes, *, now: datetime) -> None:
    """Check the signature of a message.

    Raises:
        HookRefused: it is not valid.
    """
    fields = message.fields
    version = fields.text("SignatureVersion")
    if version not in ("1", "2"):
        raise HookRefused("the version of the signature is not known")
    lines = [
        line
        for name in _SIGNED[message.kind]
        if (value := fields.text(name, most=_MAX_MESSAGE))
        for line in (name, value)
    ]
    check_rsa(
        certificate,
        decode_base64(fields.text("Signature")),
        "".join(f"{line}\n" for line in lines).encode(),
        is_sha1=version == "1",
        now=now,
    )


def confirmation_url(message: SnsMessage) -> str:
    """Return the address to request to confirm a subscription; empty if it is none.

    Raises:
        HookRefused: the address is not at Amazon.
    """
    if message.kind != _SUBSCRIPTION:
        return ""
    url = message.fields.text("SubscribeURL")
    if not _CONFIRMATION.fullmatch(url):
        raise HookRefused("the subscription is not confirmed at sns.REGION.amazonaws.com")
    return url


def read_notification(message: SnsMessage) -> tuple[Mail, ...]:
    """Return the events of a checked message; a test message of SNS has none.

    Raises:
        HookUnreadable: it is no notification of SES.
    """
    if message.kind != _NOTIFICATION:
        return ()
    text = message.fields.text("Message", most=_MAX_MESSAGE)
    # SES announces itself with a sentence when a topic is set up.
    if not text.lstrip().startswith("{"):
        return ()
    return tuple(read_event(read_object(text)))


def read_event(event: Fields) -> Iterator[Mail]:
    """Yield what one notification or event of SES says, for each recipient."""
    kind = event.text("eventType") or event.text("notificationType")
    mail = event.part("mail")
    traces = find_traces(
        *(header.text("value") for header in mail.parts("headers")), mail.text("source")
    )
    if kind == "Bounce":
        yield from _bounces(event.part("bounce"), traces)
    elif kind == "Complaint":
        told = event.part("complaint")
        for recipient in told.parts("complainedRecipients"):
            # A mail that SES dropped because of an earlier complaint is one too.
            feedback = told.text("complaintFeedbackType", most=40)
            yield events.complaint(_id_of(told), recipient.text("emailAddress"), feedback, traces)


def _bounces(told: Fields, traces: tuple[str, ...]) -> Iterator[Mail]:
    subtype = told.text("bounceSubType")
    is_transient = told.text("bounceType") == "Transient"
    for recipient in told.parts("bouncedRecipients"):
        words = _TYPED.sub("", recipient.text("diagnosticCode"))
        status = recipient.text("status", most=20)
        if subtype in _DROPPED:
            words, status = events.DROPPED, ""
        # SES reports automatic replies as transient bounces without a reply of a server.
        elif is_transient and not words and subtype not in _STATUS_OF:
            continue
        yield events.bounce(
            _id_of(told),
            recipient.text("emailAddress"),
            words,
            traces,
            status=status or _STATUS_OF.get(subtype, ""),
            is_transient=is_transient,
        )


def _id_of(told: Fields) -> str:
    return f"ses:{told.text('feedbackId', most=200) or told.digest}"
