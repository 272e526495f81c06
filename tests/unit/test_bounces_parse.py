from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.bounces.classes import BounceClass, Effect
from digest.bounces.judge import judge_mail
from digest.bounces.mime import MAX_PARTS, read_parts
from digest.bounces.parse import Kind, parse_mail


def dsn(block: str, *, text: str = "Delivery failed.", kind: str = "delivery-status") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: b@bounce.example\nMessage-ID: <1@mx.example>\n"
        'Subject: Undelivered mail\nContent-Type: multipart/report; boundary="x y"\n\n'
        f"--x y\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--x y\nContent-Type: message/{kind}\n\nReporting-MTA: dns; mx.example\n\n{block}\n"
        "--x y\nContent-Type: message/rfc822\n\nMessage-ID: <e1.0123@news.example>\n"
        "Subject: spam\n\nHello\n--x y--\n"
    ).encode()


def free_text(text: str, *, sender: str = "MAILER-DAEMON@mx.example") -> bytes:
    return f"From: {sender}\nSubject: Returned mail\n\n{text}\n".encode()


def complaint(feedback: str) -> bytes:
    return (
        "From: fbl@isp.example\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nA complaint.\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nVersion: 1\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: News\n\nHello\n--b--\n"
    ).encode()


FAILED = "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: "


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", BounceClass.HARD),
        ("5.1.1", BounceClass.HARD),
        ("5.0.0\nDiagnostic-Code: smtp; 550 No such user here", BounceClass.HARD),
        ("5.1.1\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox over quota", BounceClass.SOFT),
        ("5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 IP listed at bl.example", BounceClass.POLICY),
        ("5.1.1\nDiagnostic-Code: smtp; 550 http://spamhaus.example/bl?ip=1", BounceClass.POLICY),
        ("5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 user unknown", BounceClass.POLICY),
        ("5.2.3", BounceClass.MESSAGE),
        ("4.4.7\nDiagnostic-Code: smtp; connection timed out", BounceClass.SOFT),
        ("5.0.0", BounceClass.AMBIGUOUS),
    ],
)
def test_words_come_before_codes(said: str, expected: BounceClass) -> None:
    mail = parse_mail(dsn(FAILED + said))
    assert mail.kind is Kind.DSN
    assert judge_mail(mail)[0].bounce_class is expected


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_line_endings_do_not_matter(ending: bytes) -> None:
    raw = b"\xef\xbb\xbf" + dsn(FAILED + "5.1.1").replace(b"\n", ending)
    assert parse_mail(raw) == parse_mail(dsn(FAILED + "5.1.1"))


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "delivered"])
def test_reports_that_are_no_failure_mean_nothing(action: str) -> None:
    mail = parse_mail(dsn(FAILED.replace("failed", action) + "5.1.1"))
    assert judge_mail(mail)[0].effect is Effect.NOTHING


def test_internationalized_reports_are_read() -> None:
    block = "Final-Recipient: utf-8; j\\x{F6}rg@example.org\nAction: failed\nStatus: 5.1.1"
    mail = parse_mail(dsn(block, kind="global-delivery-status"))
    assert mail.reports[0].recipient == "jörg@example.org"
    assert judge_mail(mail)[0].bounce_class is BounceClass.HARD


def test_each_recipient_has_a_verdict() -> None:
    full = FAILED.replace("ann", "bob") + "5.2.2"
    verdicts = judge_mail(parse_mail(dsn(f"{FAILED}5.1.1\n\n{full}")))
    assert [verdict.effect for verdict in verdicts] == [Effect.SUPPRESS, Effect.SCORE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<ann@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)", BounceClass.HARD),
        ("Empfänger ann@example.org unbekannt", BounceClass.HARD),
        ("ann@example.org : cette adresse n'existe pas", BounceClass.HARD),
        ("La cuenta ann@example.org no existe", BounceClass.HARD),
        ("The mailbox of ann@example.org is full", BounceClass.SOFT),
        ("Das Postfach ist voll", BounceClass.SOFT),
        ("550 Message rejected as spam", BounceClass.POLICY),
        ("It could not be delivered.", BounceClass.AMBIGUOUS),
        ("Your mail has not yet been delivered; attempts will continue.", BounceClass.NONE),
    ],
)
def test_reports_in_words_are_judged(text: str, expected: BounceClass) -> None:
    mail = parse_mail(free_text(text))
    assert mail.kind is Kind.BOUNCE
    assert judge_mail(mail)[0].bounce_class is expected


def test_the_returned_mail_is_not_judged() -> None:
    returned = "Received: from a by b\nSubject: Spam and viruses\n\nblocked by policy"
    mail = parse_mail(free_text(f"Subject: How to stop spam\n550 user unknown\n\n{returned}"))
    assert judge_mail(mail)[0].bounce_class is BounceClass.HARD


def with_second_part(kind: str, words: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nSubject: Delivery failed\n"
        'Content-Type: multipart/report; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\n{words}\n"
        f"--b\nContent-Type: message/delivery-status\n\n{FAILED}5.0.0\n\n"
        f"--b\nContent-Type: {kind}\n\nReceived: from a by b\nSubject: News\n\n"
        "How to stop spam. The account is closed, the user is unknown.\n--b--\n"
    ).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "text/plain"])
def test_a_returned_mail_that_a_server_calls_headers_or_text_is_not_judged(kind: str) -> None:
    mail = parse_mail(with_second_part(kind, "554 Transaction failed"))
    assert judge_mail(mail)[0].bounce_class is BounceClass.AMBIGUOUS
    mail = parse_mail(with_second_part(kind, "550 No such user"))
    assert judge_mail(mail)[0].bounce_class is BounceClass.HARD


def test_an_action_in_the_block_of_the_whole_mail_is_no_report() -> None:
    mail = parse_mail(dsn(f"Action: failed\n\n{FAILED}5.1.1"))
    assert [report.recipient for report in mail.reports] == ["ann@example.org"]


def test_the_point_that_ends_a_sentence_is_no_part_of_an_address() -> None:
    mail = parse_mail(free_text("Your mail was not delivered to ann@example.org."))
    assert mail.reports[0].recipient == "ann@example.org"


@pytest.mark.parametrize(
    ("feedback", "effect"),
    [
        ("abuse", Effect.LEAVE_ALL),
        ("fraud", Effect.LEAVE_ALL),
        ("opt-out", Effect.LEAVE_ALL),
        ("not-spam", Effect.NOTHING),
        ("auth-failure", Effect.NOTHING),
    ],
)
def test_complaints_end_all_mail_but_not_every_report_is_one(feedback: str, effect: Effect) -> None:
    assert judge_mail(parse_mail(complaint(feedback)))[0].effect is effect


def test_a_mail_that_calls_itself_a_complaint_is_one_only_with_the_mail_that_it_is_about() -> None:
    head = b"From: fbl@isp.example\nSubject: Complaint about message\n"
    about = b"Content-Type: message/rfc822\n\nSubject: News\n\nHello\n"
    parts = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + about + b"--b--\n"
    assert parse_mail(head + parts).kind is Kind.COMPLAINT
    assert parse_mail(head + b"\nHello\n").kind is not Kind.COMPLAINT


def test_a_receipt_means_nothing() -> None:
    receipt = dsn(f"{FAILED}5.1.1").replace(b"delivery-status", b"disposition-notification")
    assert parse_mail(receipt).kind is Kind.OTHER


def test_recipients_that_no_blank_line_divides_are_read() -> None:
    other = FAILED.replace("ann@", "bob@")
    mail = parse_mail(dsn(f"{FAILED}5.1.1\n{other}4.2.2"))
    assert [report.recipient for report in mail.reports] == ["ann@example.org", "bob@example.org"]


@pytest.mark.parametrize("declared", ['boundary="other"', "charset=utf-8"])
def test_a_wrong_or_missing_boundary_is_guessed(declared: str) -> None:
    raw = dsn(f"{FAILED}5.1.1").replace(b'boundary="x y"', declared.encode())
    assert parse_mail(raw.replace(b"--x y", b"--=_part")).kind is Kind.DSN


def test_an_envelope_line_before_the_headers_is_passed_over() -> None:
    raw = b">From MAILER-DAEMON Mon Nov 23 07:00:00 2026\n" + dsn(f"{FAILED}5.1.1")
    assert parse_mail(raw).subject == "Undelivered mail"


def test_the_content_of_a_picture_is_no_text() -> None:
    (part,) = read_parts(b"Content-Type: image/png\n\n550 5.1.1 user unknown\n")
    assert part.text == ""


def test_dmarc_reports_are_no_complaints() -> None:
    raw = b"From: a@isp.example\nSubject: Report domain: x.example Submitter: y.example\n\nzip"
    assert parse_mail(raw).kind is Kind.DMARC


@pytest.mark.parametrize(
    "raw",
    [
        b"From: ann@example.org\nSubject: Automatic reply: News\n\nMy mailbox is full of joy",
        b"From: ann@example.org\nAuto-Submitted: auto-replied\nSubject: Re: News\n\nuser unknown",
        b"From: ann@example.org\nSubject: Abwesenheitsnotiz: News\n\nIch bin weg",
    ],
)
def test_automatic_replies_mean_nothing(raw: bytes) -> None:
    mail = parse_mail(raw)
    assert mail.kind is Kind.AUTO_REPLY
    assert judge_mail(mail)[0].effect is Effect.NOTHING


def test_a_persons_letter_is_no_bounce() -> None:
    assert parse_mail(free_text("Thank you!", sender="ann@example.org")).kind is Kind.OTHER


NESTED = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 3_000
HOSTILE = [
    b"",
    b"\0" * 1_000,
    NESTED,
    b"Content-Type: message/rfc822\n\n" * 20_000,
    b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    b"From: " + b"(" * 20_000 + b"\n\n",
    b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\n",
    b"Content-Type: text/html\n\n" + b"<" * 900_000,
    b"Content-Type: text/html\n\n" + b"<style>" * 100_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"a@" * 400_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"a" * 900_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"mailbox user 550 " * 50_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"-" * 900_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"exceeded message " * 50_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"a." * 400_000,
    b"From: MAILER-DAEMON@a\nSubject: failure\n\n" + b"\n \n" * 300_000,
    b"Content-Type: message/delivery-status\n\n" + b"Status: 5.1.1\n\n" * 60_000,
    b"Content-Type: message/delivery-status\n\nDiagnostic-Code: " + b"no user " * 100_000,
    b"To: b\n\n" + b"b+1.1." * 100_000,
    b"To: " + b"a@b," * 200_000 + b"\n\n",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_mails_are_read_within_two_seconds(number: int) -> None:
    begun = time.process_time()
    judge_mail(parse_mail(HOSTILE[number]))
    assert time.process_time() - begun < 2


def test_no_more_parts_are_read_than_the_limit() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 1_000
    assert len(read_parts(raw)) == MAX_PARTS


@given(st.binary(max_size=400))
def test_any_input_is_read_and_judged(raw: bytes) -> None:
    for each in (raw, b"Content-Type: multipart/report; boundary=b\n\n--b\n" + raw):
        mail = parse_mail(each)
        assert len(judge_mail(mail)) == max(len(mail.reports), 1)
        # What is no bounce reports nothing about a mailbox.
        assert mail.kind in (Kind.DSN, Kind.BOUNCE) or not mail.reports


_PIECES = st.sampled_from(
    [
        "From: ", "To: ", "Subject: ", "Message-ID: ", "Final-Recipient: utf-8; ", "Status: 5.1.1",
        "Action: failed", "Content-Type: ", "multipart/report; boundary=b", "text/plain; charset=",
        "message/delivery-status", "message/rfc822", "message/feedback-report", "unicode_escape",
        "utf-16", "punycode", "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "\\ud800", "\\x{D800}", "\\x{FFFFFF}", "=?utf-8?b?/w==?=", "=?unicode_escape?q?=5Cud800?=",
        "=?x?q??=", "=?utf-16?b?2AA=?=", "--b", "--b--", "\n", "\n\n", "\r", "\0", " ", ";", '"',
        "<a@b>",
        "Feedback-Type: abuse", "MAILER-DAEMON@a", "550 5.1.1 user unknown", "=", "%s",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=40))
def test_what_is_read_can_be_stored(pieces: list[str]) -> None:
    mail = parse_mail("".join(pieces).encode())
    judge_mail(mail)
    values = (mail.message_id, mail.subject, mail.text, mail.feedback, *mail.sent_to)
    reported = [(report.recipient, report.diagnostic) for report in mail.reports]
    for value in (*values, *mail.mentioned, *(each for pair in reported for each in pair)):
        assert "\0" not in value.encode("utf-8").decode()
