"""Mails outside an edition that come back, and requests to leave by mail, with the real program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from digest.models import Actor, Message
from digest.newsroom.bounces import ingest
from digest.newsroom.self_service.notes import NoteKind, add_note
from digest.store.bounces import list_bounces
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.moving import ask_for_change
from subscribers.preferences import State
from subscribers.suppression import find_reasons
from tests.support.desk_work import NOW
from tests.support.signing_up import Hall, link_of

ANN = "ann@heritage.org"
OPERATOR = Actor(name="operator")
BOUNCES = '[bounces]\ndomain = "bounce.example.org"\n[[bounces.webhooks]]\nprovider = "sendgrid"\n'


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config('title = "The', 'welcome = true\ntitle = "The')
    config = hall.desk.project.config
    config.write_text(f'{config.read_text("utf-8")}{BOUNCES}public_key = "AAAA"\n', "utf-8")
    with hall.serving():
        yield hall


def bounce(to: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: failure notice\n\n"
        f"<{ANN}>: 550 5.1.1 User unknown\n"
    ).encode()


def reasons(hall: Hall) -> tuple[str, ...]:
    with hall.app.database.read() as connection:
        return find_reasons(connection, hall.app.keys, parse_address(ANN))


def confirmation(hall: Hall) -> Message:
    assert hall.sign_up(ANN).status == 200
    (mail,) = hall.post()
    return mail


def test_a_bounced_confirmation_suppresses_the_address(hall: Hall) -> None:
    mail = confirmation(hall)
    assert re.fullmatch(r"n\+\d+\.\d+\.[a-z2-7]{20}@bounce\.example\.org", mail.sender)
    report = ingest(hall.app, [bounce(mail.sender)], by=OPERATOR)
    assert (report.unsigned, report.outcomes) == (0, {"suppressed": 1})
    assert reasons(hall) == ("bounced",)
    person = hall.person(ANN)
    assert person is not None
    with hall.app.database.read() as connection:
        assert [each.edition_id for each in list_bounces(connection, person.id)] == [None]
    # Shown without an edition.
    assert "no such mailbox" in hall.desk.run("subscribers", "show", ANN).out


def test_the_events_of_a_provider_name_a_confirmation_too(hall: Hall) -> None:
    mail = confirmation(hall)
    headers = message_from_bytes(mail.content)
    assert headers["X-SMTPAPI"] == f'{{"unique_args": {{"delivery": "{mail.sender}"}}}}'


def test_a_forged_return_address_of_a_confirmation_changes_nothing(hall: Hall) -> None:
    local, _, domain = confirmation(hall).sender.rpartition("@")
    number, person, mac = local.removeprefix("n+").split(".")
    forged = (
        f"n+{int(number) + 1}.{person}.{mac}@{domain}",
        f"n+{number}.{int(person) + 1}.{mac}@{domain}",
        f"b+{number}.{person}.{mac}@{domain}",
        f"n+{number}.{person}.{'a' * 20}@{domain}",
    )
    assert ingest(hall.app, map(bounce, forged), by=OPERATOR).unsigned == len(forged)
    assert reasons(hall) == ()


def test_a_bounce_after_the_person_was_erased_changes_nothing(hall: Hall) -> None:
    mail = confirmation(hall)
    with hall.app.database.write() as connection:
        erase_person(connection, hall.app.keys, parse_address(ANN), now=NOW)
    assert ingest(hall.app, [bounce(mail.sender)], by=OPERATOR).unsigned == 1


def test_a_mail_to_another_address_does_not_name_the_subscriber(hall: Hall) -> None:
    assert hall.confirm(link_of(confirmation(hall))).status == 200
    hall.post()
    person = hall.person(ANN)
    assert person is not None
    with hall.app.database.write() as connection:
        other = parse_address("other@heritage.org")
        change = ask_for_change(connection, person.id, other, "weekly", now=NOW)
        assert change is not None
        add_note(connection, NoteKind.MOVE_NEW, person, "weekly", key=str(change.id), now=NOW)
    (mail,) = hall.post()
    assert (mail.recipient, mail.sender) == ("other@heritage.org", "digest@hill.example.org")


def test_a_welcome_names_its_reader_and_its_address_to_leave_works(hall: Hall) -> None:
    hall.desk.add_post("A bridge", "News", at=NOW - timedelta(hours=2))
    hall.desk.add_subscribers(1)
    assert hall.desk.run("compose").code == 0
    assert hall.desk.send().code == 0
    assert hall.join(ANN).status == 200
    (mail,) = hall.post()
    assert mail.message_id.startswith("<welcome.")
    assert mail.sender.startswith("n+")
    leave(hall, mail)
    assert ingest(hall.app, [bounce(mail.sender)], by=OPERATOR).outcomes == {"suppressed": 1}


def leave(hall: Hall, mail: Message) -> None:
    """Write to the address of `List-Unsubscribe`, as a mail program does."""
    found = re.search(r"<mailto:([^>]+)>", message_from_bytes(mail.content)["List-Unsubscribe"])
    assert found is not None
    raw = f"From: {mail.recipient}\nTo: {found[1]}\nSubject: unsubscribe\n\n".encode()
    assert ingest(hall.app, [raw], by=OPERATOR).outcomes == {"unsubscribed": 1}
    subscription = hall.subscription(mail.recipient)
    assert subscription is not None
    assert subscription.state is State.LEFT
    with hall.app.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT actor, action, detail FROM audit").all()
    assert ("subscriber", "leave", "mail") in [tuple(row) for row in rows]
    assert ingest(hall.app, [raw], by=OPERATOR).repeated == 1
