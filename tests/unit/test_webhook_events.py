"""What the events of mail providers mean."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces.classes import BounceClass, Effect
from digest.bounces.judge import judge_mail
from digest.bounces.parse import Kind, Mail, parse_mail
from digest.bounces.webhooks import mailgun, postmark, sendgrid, ses
from digest.bounces.webhooks.request import (
    Fields,
    HookRefused,
    HookRequest,
    HookUnreadable,
    read_object,
    read_objects,
)
from tests.support.figures import examples
from tests.support.ledger_rows import NOW
from tests.support.webhooks import SECRET, TOPIC, ecdsa_key, mailgun_body, ses_event

OWN_ID = "<e1.0123456789abcdef0123@example.org>"
USER = "ann@example.org"


def judge(mails: tuple[Mail, ...]) -> list[tuple[str, Effect]]:
    return [(mail.kind.value, judge_mail(mail)[0].effect) for mail in mails]


def of_ses(**bounce: Any) -> tuple[Mail, ...]:
    return tuple(ses.read_event(Fields(ses_event(USER, OWN_ID, **bounce))))


def of_sendgrid(**event: Any) -> tuple[Mail, ...]:
    told = {"email": USER, "delivery": OWN_ID, "sg_event_id": "1"} | event
    return tuple(sendgrid.read_event(Fields(told)))


def of_postmark(**event: Any) -> tuple[Mail, ...]:
    told = {"RecordType": "Bounce", "ID": 42, "Email": USER, "Metadata": {"delivery": OWN_ID}}
    return tuple(postmark.read_event(Fields(told | event)))


def of_mailgun(**event: Any) -> tuple[Mail, ...]:
    message = {"headers": {"message-id": OWN_ID.strip("<>")}}
    told = {"id": "1", "timestamp": 1.5, "recipient": USER, "message": message}
    return tuple(mailgun.read_event(Fields(told | event)))


def recipients(**fields: str) -> dict[str, Any]:
    return {"recipients": [{"emailAddress": USER, **fields}]}


UNKNOWN = "550 5.1.1 user unknown"
SPAM = "554 5.7.1 message refused as spam"

HARD = ("dsn", Effect.SUPPRESS)
SOFT = ("dsn", Effect.SCORE)
NEUTRAL = ("dsn", Effect.NOTHING)
COMPLAINT = ("complaint", Effect.LEAVE_ALL)
LEAVING = ("unsubscribe", Effect.NOTHING)


@pytest.mark.parametrize(
    ("mails", "expected"),
    [
        (of_ses(), HARD),
        # The words of the server come before what SES calls it.
        (of_ses(**recipients(diagnosticCode=f"smtp; {SPAM}", status="5.7.1")), NEUTRAL),
        (of_ses(**recipients(diagnosticCode="smtp; 552 5.2.2 mailbox full")), SOFT),
        (of_ses(bounceType="Transient"), SOFT),
        (of_ses(bounceSubType="NoEmail", **recipients()), HARD),
        (of_ses(bounceSubType="General", **recipients()), SOFT),
        (of_ses(bounceType="Undetermined", bounceSubType="Undetermined", **recipients()), SOFT),
        (of_ses(bounceType="Transient", bounceSubType="MailboxFull", **recipients()), SOFT),
        (of_ses(bounceType="Transient", bounceSubType="MessageTooLarge", **recipients()), NEUTRAL),
        # SES did not try: its list may be old, or because of another sender.
        (of_ses(bounceSubType="OnAccountSuppressionList"), SOFT),
        (of_ses(bounceSubType="Suppressed"), SOFT),
        (of_sendgrid(event="bounce", type="bounce", reason=UNKNOWN, status="5.1.1"), HARD),
        (of_sendgrid(event="bounce", type="blocked", reason=SPAM, status="5.7.1"), NEUTRAL),
        (of_sendgrid(event="bounce", reason="452 4.2.2 over quota"), SOFT),
        (of_sendgrid(event="dropped", reason="Bounced Address"), SOFT),
        (of_sendgrid(event="dropped", reason="Invalid SMTPAPI header"), NEUTRAL),
        (of_sendgrid(event="dropped", reason="Spam Reporting Address"), COMPLAINT),
        (of_sendgrid(event="dropped", reason="Unsubscribed Address"), LEAVING),
        (of_sendgrid(event="spamreport"), COMPLAINT),
        (of_sendgrid(event="unsubscribe"), LEAVING),
        (of_sendgrid(event="group_unsubscribe"), LEAVING),
        (of_postmark(Type="HardBounce", Details=f"smtp;{UNKNOWN}"), HARD),
        (of_postmark(Type="HardBounce", Details=SPAM), NEUTRAL),
        (of_postmark(Type="HardBounce"), SOFT),
        (of_postmark(Type="BadEmailAddress"), HARD),
        (of_postmark(Type="SoftBounce", Details=UNKNOWN), SOFT),
        (of_postmark(Type="SpamNotification", Details=UNKNOWN), NEUTRAL),
        (of_postmark(Type="ManuallyDeactivated"), SOFT),
        (of_postmark(Type="SpamComplaint"), COMPLAINT),
        (of_postmark(RecordType="SpamComplaint"), COMPLAINT),
        (of_postmark(Type="Unsubscribe"), LEAVING),
        (
            of_postmark(
                RecordType="SubscriptionChange",
                SuppressSending=True,
                SuppressionReason="SpamComplaint",
            ),
            COMPLAINT,
        ),
        (
            of_postmark(
                RecordType="SubscriptionChange",
                SuppressSending=True,
                SuppressionReason="ManualSuppression",
                Origin="Recipient",
            ),
            LEAVING,
        ),
        (
            of_mailgun(
                event="failed",
                severity="permanent",
                reason="bounce",
                **{"delivery-status": {"code": 550, "message": "5.1.1 no such user here"}},
            ),
            HARD,
        ),
        (
            of_mailgun(
                event="failed",
                severity="permanent",
                reason="generic",
                **{"delivery-status": {"code": 550, "message": SPAM}},
            ),
            NEUTRAL,
        ),
        (of_mailgun(event="failed", severity="permanent", reason="suppress-bounce"), SOFT),
        (of_mailgun(event="failed", severity="permanent", reason="suppress-complaint"), COMPLAINT),
        (of_mailgun(event="failed", severity="permanent", reason="suppress-unsubscribe"), LEAVING),
        (of_mailgun(event="failed", severity="permanent", reason="espblock"), NEUTRAL),
        (of_mailgun(event="complained"), COMPLAINT),
        (of_mailgun(event="unsubscribed"), LEAVING),
    ],
)
def test_an_event_is_judged_by_the_words_of_the_server(
    mails: tuple[Mail, ...], expected: tuple[str, Effect]
) -> None:
    assert judge(mails) == [expected]
    assert mails[0].mentioned == (OWN_ID,)
    assert mails[0].reports[0].recipient == USER


@pytest.mark.parametrize(
    "mails",
    [
        # SES reports automatic replies so.
        of_ses(bounceType="Transient", **recipients()),
        of_sendgrid(event="deferred", reason="450 try later"),
        of_sendgrid(event="delivered"),
        of_sendgrid(event="group_resubscribe"),
        of_postmark(Type="AutoResponder"),
        of_postmark(RecordType="Delivery"),
        of_postmark(RecordType="SubscriptionChange", SuppressionReason="ManualSuppression"),
        of_postmark(
            RecordType="SubscriptionChange",
            SuppressSending=True,
            SuppressionReason="ManualSuppression",
            Origin="Admin",
        ),
        of_mailgun(event="failed", severity="temporary", reason="generic"),
        of_mailgun(event="delivered"),
        tuple(ses.read_event(Fields({"eventType": "Open", "mail": {}}))),
    ],
)
def test_other_events_say_nothing(mails: tuple[Mail, ...]) -> None:
    assert mails == ()


@pytest.mark.parametrize(
    ("feedback", "effect"),
    [
        ("abuse", Effect.LEAVE_ALL),
        ("fraud", Effect.LEAVE_ALL),
        (None, Effect.LEAVE_ALL),
        ("not-spam", Effect.NOTHING),
        ("auth-failure", Effect.NOTHING),
    ],
)
def test_a_complaint_of_ses_is_judged_by_its_feedback(feedback: str | None, effect: Effect) -> None:
    told = {"complaintFeedbackType": feedback, "complainedRecipients": [{"emailAddress": USER}]}
    event = {"notificationType": "Complaint", "complaint": told, "mail": {"source": OWN_ID}}
    assert judge(tuple(ses.read_event(Fields(event)))) == [("complaint", effect)]


def test_events_without_an_id_have_their_content_as_id() -> None:
    one, same = (
        of_sendgrid(event="spamreport", sg_event_id=""),
        of_sendgrid(sg_event_id="", event="spamreport"),
    )
    other = of_sendgrid(event="spamreport", sg_event_id="", timestamp=2)
    assert one[0].message_id == same[0].message_id != other[0].message_id


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem?x=1",
        "https://sns.eu-west-1.amazonaws.com/../a.pem#.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://s3.eu-west-1.amazonaws.com/a.pem",
        "https://sns.evil.amazonaws.com/a.pem",
        "",
    ],
)
def test_a_certificate_is_taken_from_amazon_only(url: str) -> None:
    told = {"Type": "Notification", "TopicArn": TOPIC, "SigningCertURL": url}
    request = HookRequest(headers={}, body=json.dumps(told).encode(), at=NOW)
    with pytest.raises(HookRefused, match="certificate"):
        ses.read_sns(request, (TOPIC,))


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a1.pem",
    ],
)
def test_every_region_of_amazon_has_a_certificate(url: str) -> None:
    told = {"Type": "Notification", "TopicArn": TOPIC, "SigningCertURL": url}
    request = HookRequest(headers={}, body=json.dumps(told).encode(), at=NOW)
    assert ses.read_sns(request, (TOPIC,)).certificate_url == url


# --- any input ----------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    [
        "event",
        "email",
        "reason",
        "recipient",
        "delivery-status",
        "message",
        "headers",
        "mail",
        "bounce",
        "bouncedRecipients",
        "complaint",
        "eventType",
        "RecordType",
        "Type",
        "Metadata",
    ]
)
_EVENTS = st.dictionaries(_NAMES, _JSON | st.sampled_from(["Bounce", "failed", "bounce"]))


@given(event=_EVENTS)
@examples(200)
def test_no_event_breaks_a_reader(event: dict[str, Any]) -> None:
    for read in (ses.read_event, sendgrid.read_event, postmark.read_event, mailgun.read_event):
        for mail in read(Fields(event)):
            assert judge_mail(mail)


@given(body=st.binary(max_size=300) | _JSON.map(lambda value: json.dumps(value).encode()))
@examples(200)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    request = HookRequest(headers={}, body=body, at=NOW)
    for read in (
        lambda: ses.read_sns(request, (TOPIC,)),
        lambda: sendgrid.read_sendgrid(request),
        lambda: sendgrid.check_sendgrid(request, ecdsa_key().public_key),
        lambda: postmark.read_postmark(request),
        lambda: postmark.check_postmark(request, SECRET),
        lambda: mailgun.check_mailgun(request, SECRET),
    ):
        try:
            read()
        except (HookRefused, HookUnreadable):
            continue


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 100_000,
        b'{"a":' * 30 + b"1" + b"}" * 30,
        b"9" * 900_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"\xff\xfe",
        b'"\\ud800"',
        b"",
    ],
)
def test_a_body_that_is_no_event_is_unreadable_at_once(body: bytes) -> None:
    begun = time.process_time()
    for read in (read_object, read_objects):
        with pytest.raises(HookUnreadable):
            read(body)
    assert time.process_time() - begun < 2


@given(raw=st.binary(max_size=400))
@examples(200)
def test_any_mail_is_read(raw: bytes) -> None:
    begun = time.process_time()
    mail = parse_mail(b"Content-Type: multipart/report; boundary=b\n\n--b\n" + raw)
    assert judge_mail(mail)
    assert time.process_time() - begun < 2


def test_a_token_of_mailgun_is_valid_for_15_minutes() -> None:
    body = mailgun_body({"event": "complained"}, NOW)
    for seconds, is_valid in ((-890, True), (890, True), (-910, False), (910, False)):
        at = NOW.fromtimestamp(NOW.timestamp() + seconds, NOW.tzinfo)
        request = HookRequest(headers={}, body=body, at=at)
        if is_valid:
            assert mailgun.check_mailgun(request, SECRET).token
        else:
            with pytest.raises(HookRefused, match="older"):
                mailgun.check_mailgun(request, SECRET)


def test_a_suppressed_address_is_an_ambiguous_failure() -> None:
    (mail,) = of_ses(bounceSubType="OnAccountSuppressionList")
    assert judge_mail(mail)[0].bounce_class is BounceClass.AMBIGUOUS
    assert mail.kind is Kind.DSN
