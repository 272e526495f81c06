"""What mails that came back change, on each engine."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import delete, insert, select, update

from digest.letter.printing.headers import message_id
from digest.models import Actor, BounceOutcome
from digest.newsroom.bounces import BounceReport, ingest
from digest.newsroom.context import RunContext
from digest.store.bounces import WELCOME, find_welcomed, list_bounces
from digest.store.engine import Database
from digest.store.tables import audit, bounces, deliveries, notices
from subscribers.addresses import parse_address
from subscribers.return_paths import ReturnPath, ReturnPurpose, sign_return_path
from subscribers.suppression import find_reasons
from subscribers.tables import address_changes, people, subscriptions
from tests.support.ledger_rows import NOW, add_edition, address, fill_ledger, freeze

KEYS = ("newest key", "older key")
DOMAIN = "bounce.example.org"
OPERATOR = Actor(name="operator")


class Post:
    """The returned mails of one installation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW + timedelta(hours=1)
        self.count = 0

    @property
    def context(self) -> RunContext:
        context = SimpleNamespace(
            database=self.database,
            keys=KEYS,
            return_domain=DOMAIN,
            clock=lambda: self.now,
            alerts=SimpleNamespace(recipients=("operator@example.org",)),
        )
        return cast("RunContext", context)

    def take(self, *mails: bytes) -> BounceReport:
        return ingest(self.context, mails, by=OPERATOR)

    def reasons(self, person: int) -> tuple[str, ...]:
        with self.database.read() as connection:
            wanted = parse_address(address(person), allow_reserved=True)
            return find_reasons(connection, KEYS, wanted)

    def subscription(self, person: int) -> tuple[str, str]:
        with self.database.read() as connection:
            row = connection.execute(
                select(subscriptions.c.state, subscriptions.c.left_how).where(
                    subscriptions.c.person_id == person, subscriptions.c.newsletter == "weekly"
                )
            ).one()
            return row.state, row.left_how

    def outcomes(self, person: int) -> list[BounceOutcome]:
        with self.database.read() as connection:
            return [each.outcome for each in list_bounces(connection, person)]


@pytest.fixture
def post(database: Database) -> Post:
    fill_ledger(database, 4)
    mark_sent(database)
    return Post(database)


def mark_sent(database: Database, edition_id: int = 1, *, at: datetime = NOW) -> None:
    with database.write() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.edition_id == edition_id)
            .values(state="sent", handing_at=at, ended_at=at)
        )


def send_another(post: Post, edition_id: int, *, days: float) -> None:
    post.now += timedelta(days=days)
    with post.database.write() as connection:
        add_edition(connection, edition_id)
        freeze(connection, edition_id)
    mark_sent(post.database, edition_id, at=post.now - timedelta(minutes=1))


def signed(
    person: int, edition: int = 1, *, purpose: ReturnPurpose = ReturnPurpose.BOUNCE, key: str = ""
) -> str:
    path = ReturnPath(purpose=purpose, edition_id=edition, subscriber_id=person)
    return sign_return_path(path, key or KEYS[0], DOMAIN)


_NUMBERS = iter(range(1, 1_000_000))


def dsn(to: str, status: str, *, about: int = 1, words: str = "", returned: str = "") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\n"
        f"Message-ID: <{next(_NUMBERS)}@mx.example>\r\nSubject: Undelivered\r\n"
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nNot delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address(about)}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"{returned}Subject: News\r\n\r\n--b--\r\n"
    ).encode()


def complaint(returned: str, feedback: str = "abuse") -> bytes:
    return (
        "From: fbl@isp.example\r\nTo: abuse@example.org\r\n"
        f"Message-ID: <{next(_NUMBERS)}@isp.example>\r\n"
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nSpam.\r\n"
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {feedback}\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n\r\n--b--\r\n"
    ).encode()


def test_a_mailbox_that_does_not_exist_is_suppressed_at_once(post: Post) -> None:
    report = post.take(dsn(signed(1), "5.1.1", words="550 User unknown"))
    assert post.reasons(1) == ("bounced",)
    assert post.reasons(2) == ()
    assert report.outcomes == {"suppressed": 1}
    # Lifting the suppression must bring the mail back.
    assert post.subscription(1) == ("confirmed", "")


def test_a_suppression_is_in_the_audit_without_the_address(post: Post) -> None:
    post.take(dsn(signed(1), "5.1.1"))
    with post.database.read() as connection:
        rows = connection.execute(select(audit)).all()
    assert [(row.action, row.detail) for row in rows] == [("bounce", "suppressed: hard-recipient")]


def test_an_older_key_still_proves_a_bounce(post: Post) -> None:
    post.take(dsn(signed(1, key=KEYS[1]), "5.1.1"))
    assert post.reasons(1) == ("bounced",)


@pytest.mark.parametrize(
    "to",
    [
        "news@example.org",
        signed(1, key="a stranger's key"),
        signed(1).replace("b+1.1", "b+1.2"),
        signed(1).replace("b+", "u+"),
        signed(1, edition=99),
        signed(99),
    ],
)
def test_an_unsigned_report_changes_nothing(post: Post, to: str) -> None:
    report = post.take(dsn(to, "5.1.1", words="550 User unknown"))
    assert report.unsigned == 1
    assert post.reasons(1) == post.reasons(2) == ()


def test_the_returned_mails_message_id_proves_a_bounce_too(post: Post) -> None:
    own = message_id(1, 1, KEYS[0].encode(), "example.org")
    post.take(dsn("news@example.org", "5.1.1", returned=f"Message-ID: {own}\r\n"))
    assert post.reasons(1) == ("bounced",)


def test_the_message_id_of_another_subscriber_proves_nothing(post: Post) -> None:
    other = message_id(1, 2, KEYS[0].encode(), "example.org")
    report = post.take(dsn("news@example.org", "5.1.1", returned=f"Message-ID: {other}\r\n"))
    assert report.unsigned == 1


def test_a_report_is_acted_upon_once(post: Post) -> None:
    mail = dsn(signed(1), "5.2.2")
    assert post.take(mail, mail).repeated == 1
    assert post.take(mail).repeated == 1
    assert post.outcomes(1) == [BounceOutcome.COUNTED]


@pytest.mark.parametrize(
    ("status", "words"),
    [("5.7.1", "550 blocked as spam"), ("5.6.0", "554 content rejected"), ("5.3.4", "too large")],
)
def test_what_is_not_the_recipients_fault_changes_nothing(
    post: Post, status: str, words: str
) -> None:
    post.take(dsn(signed(1), status, words=words))
    assert post.outcomes(1) == [BounceOutcome.NOTHING]
    assert post.reasons(1) == ()


def test_a_full_mailbox_is_suppressed_after_five_editions_in_a_row(post: Post) -> None:
    for edition in range(1, 6):
        if edition > 1:
            send_another(post, edition, days=7)
        assert post.reasons(1) == ()
        post.take(dsn(signed(1, edition), "5.2.2"))
    assert post.reasons(1) == ("bounced",)
    assert post.outcomes(1)[-1] is BounceOutcome.SUPPRESSED


def test_a_mail_that_arrives_resets_the_count(post: Post) -> None:
    for edition in range(1, 8):
        if edition > 1:
            send_another(post, edition, days=7)
        if edition != 4:
            post.take(dsn(signed(1, edition), "5.2.2"))
    assert post.reasons(1) == ()


def test_several_reports_on_one_mail_count_once(post: Post) -> None:
    post.take(*(dsn(signed(1), "4.2.2") for _ in range(6)))
    post.now += timedelta(days=20)
    post.take(dsn(signed(1), "4.2.2"))
    assert post.reasons(1) == ()


def test_an_unknown_domain_is_believed_at_the_second_report(post: Post) -> None:
    lost = "unable to look up host: NXDOMAIN"
    post.take(dsn(signed(1), "5.4.4", words=lost), dsn(signed(1), "5.4.4", words=lost))
    assert post.reasons(1) == ()
    send_another(post, 2, days=7)
    post.take(dsn(signed(1, 2), "5.4.4", words=lost))
    assert post.reasons(1) == ("bounced",)


def test_a_complaint_ends_every_subscription(post: Post) -> None:
    with post.database.write() as connection:
        other = {"person_id": 1, "newsletter": "daily", "state": "confirmed", "joined_at": NOW}
        connection.execute(insert(subscriptions).values(other))
    post.take(complaint(f"Return-Path: <{signed(1)}>"))
    assert post.reasons(1) == ("complained",)
    assert post.subscription(1) == ("complained", "complaint")
    with post.database.read() as connection:
        states = connection.execute(
            select(subscriptions.c.state).where(subscriptions.c.person_id == 1)
        ).scalars()
        assert set(states) == {"complained"}


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure"])
def test_other_feedback_is_no_complaint(post: Post, feedback: str) -> None:
    post.take(complaint(f"Return-Path: <{signed(1)}>", feedback))
    assert post.reasons(1) == ()
    assert post.subscription(1) == ("confirmed", "")


def test_a_mail_to_the_unsubscribe_address_ends_the_subscription(post: Post) -> None:
    to = signed(1, purpose=ReturnPurpose.UNSUBSCRIBE)
    raw = f"From: ann@isp.example\r\nTo: <{to}>\r\nSubject: unsubscribe\r\n\r\nThank you.".encode()
    assert post.take(raw).outcomes == {"unsubscribed": 1}
    assert post.subscription(1) == ("left", "mail")
    assert post.reasons(1) == ()


def test_the_unsubscribe_address_in_a_returned_mail_is_no_request(post: Post) -> None:
    to = signed(1, purpose=ReturnPurpose.UNSUBSCRIBE)
    mail = dsn(signed(1), "5.2.2", returned=f"List-Unsubscribe: <mailto:{to}>\r\n")
    assert post.take(mail).outcomes == {"counted": 1}
    assert post.subscription(1) == ("confirmed", "")


def test_an_automatic_reply_changes_nothing(post: Post) -> None:
    raw = f"From: {address(1)}\r\nTo: {signed(1)}\r\nSubject: Out of office\r\n\r\nuser unknown"
    assert post.take(raw.encode()).outcomes == {"nothing": 1}
    assert post.reasons(1) == ()


def test_a_bounce_does_not_hit_a_person_with_an_erased_persons_number(post: Post) -> None:
    with post.database.write() as connection:
        connection.execute(delete(people).where(people.c.id == 1))
        connection.execute(
            insert(people).values(
                id=1,
                public_id="newcomer",
                address=address(1),
                address_key=address(1),
                created_at=NOW + timedelta(days=1),
            )
        )
    assert post.take(dsn(signed(1), "5.1.1")).unsigned == 1
    assert post.reasons(1) == ()


@pytest.mark.parametrize(("days", "expected"), [(1, ()), (-1, ("bounced",))])
def test_a_bounce_of_the_address_before_a_change_says_nothing_about_the_new_one(
    post: Post, days: int, expected: tuple[str, ...]
) -> None:
    at = NOW + timedelta(days=days)
    change = {"person_id": 1, "newsletter": "weekly", "state": "done", "address": ""}
    times = {"created_at": at, "old_agreed_at": at, "new_agreed_at": at}
    with post.database.write() as connection:
        connection.execute(insert(address_changes).values(change | times))
    post.take(dsn(signed(1), "5.1.1"))
    assert post.reasons(1) == expected
    # A request to leave is the subscriber's from any mailbox.
    post.take(complaint(f"Return-Path: <{signed(1)}>"))
    assert "complained" in post.reasons(1)


def test_a_complaint_that_names_its_recipient_is_proved_by_the_message_id(post: Post) -> None:
    own = message_id(1, 1, KEYS[0].encode(), "example.org")
    mail = complaint(f"Message-ID: {own}").replace(
        b"Feedback-Type", f"Original-Rcpt-To: <{address(1)}>\r\nFeedback-Type".encode()
    )
    post.take(mail)
    assert post.reasons(1) == ("complained",)


def test_reports_are_deleted_with_the_person(post: Post) -> None:
    post.take(dsn(signed(1), "5.2.2", words=f"{address(1)} is full"))
    with post.database.write() as connection:
        connection.execute(delete(people).where(people.c.id == 1))
        assert connection.execute(select(bounces)).all() == []


def test_words_that_a_database_cannot_store_are_cleaned(post: Post) -> None:
    mail = dsn(signed(1), "5.2.2", words="full \x00 \udcff".encode("utf-8", "replace").decode())
    assert post.take(mail).outcomes == {"counted": 1}


def test_an_edition_that_many_report_as_spam_is_named(post: Post) -> None:
    two = [complaint(f"Return-Path: <{signed(person)}>") for person in (1, 2)]
    assert post.take(*two).warnings == ()
    third = complaint(f"Return-Path: <{signed(3)}>")
    assert post.take(third).warnings == ("edition 1: 3 of 4 mails (75.0%) were reported as spam",)


def test_reports_on_one_mail_are_counted_once_for_the_warning(post: Post) -> None:
    refused = [dsn(signed(1), "5.7.1", words="550 spam") for _ in range(5)]
    assert post.take(*refused).warnings == ()


def test_of_several_welcome_mails_the_first_is_meant(post: Post) -> None:
    notice = {"kind": WELCOME, "recipient": "public1", "person_id": 1, "newsletter": "weekly"}
    change = {"person_id": 1, "newsletter": "weekly", "state": "done", "address": ""}
    with post.database.write() as connection:
        for days in (-2, 2):
            at = {"key": f"{days}", "created_at": NOW + timedelta(days=days)}
            connection.execute(insert(notices).values(**notice, **at, text="", state="sent"))
        connection.execute(
            insert(address_changes).values(**change, created_at=NOW, new_agreed_at=NOW)
        )
        found = find_welcomed(connection, 1, 1)
    assert found is not None
    assert found.has_moved
