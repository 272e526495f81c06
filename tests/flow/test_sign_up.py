"""Signing up: one mail with a question, one button, and nothing that a stranger can misuse."""

from __future__ import annotations

import json
import math
import time
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import pytest

from digest.letter.printing.opened import open_message
from digest.newsroom.self_service.sign_ups import PER_NETWORK, PER_NETWORK_UNSTAMPED
from digest.newsroom.service.purge import purge
from digest.store.persons import erase
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.people import leave
from subscribers.preferences import Consent, Preferences, State
from subscribers.suppression import SuppressionReason, find_reasons, suppress
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support import figures
from tests.support.databases import ENGINES, database_url
from tests.support.desk_work import NOW
from tests.support.figures import IS_PROOF
from tests.support.signing_up import FORM, Hall, link_of, subject_of
from tests.support.subscriptions import put_subscription
from tests.support.web_server import Answer

ANN = "ann@heritage.org"
DAY = timedelta(days=1)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall.open(tmp_path)
    with hall.serving():
        yield hall


def suppress_ann(hall: Hall, reason: SuppressionReason) -> None:
    with hall.app.database.write() as connection:
        suppress(connection, hall.app.keys, parse_address(ANN), reason, now=hall.now)


def reasons(hall: Hall) -> tuple[str, ...]:
    with hall.app.database.read() as connection:
        return find_reasons(connection, hall.app.keys, parse_address(ANN))


# --- the way in ---------------------------------------------------------------------------------


def test_a_sign_up_is_pending_until_the_button_is_pressed(hall: Hall) -> None:
    assert "Check your inbox" in hall.sign_up(ANN).text
    assert hall.person(ANN) is None
    (mail,) = hall.post()
    assert mail.recipient == ANN
    assert subject_of(mail) == "Confirm your subscription to The Hill Paper in your inbox"
    link = link_of(mail)
    before = hall.desk.dump()
    for method in ("GET", "HEAD", "GET"):
        assert hall.ask(link, method).status == 200
    assert hall.desk.dump() == before
    found = hall.subscription(ANN)
    assert found is not None
    assert (found.state, found.consent) == (State.PENDING, None)
    hall.now += timedelta(hours=3)
    assert "You are in" in hall.confirm(link).text
    confirmed = hall.subscription(ANN)
    assert confirmed is not None
    assert confirmed.state is State.CONFIRMED
    assert confirmed.joined_at == NOW
    assert confirmed.seen_seq is None
    assert confirmed.consent == Consent(
        at=NOW + timedelta(hours=3),
        how="form",
        text="I want to get The Hill Paper in your inbox by mail. Every mail has a link to leave."
        " (page, version 1, en)",
    )


def test_pressing_the_button_twice_changes_nothing(hall: Hall) -> None:
    hall.sign_up(ANN)
    link = link_of(hall.post()[0])
    first = hall.confirm(link)
    before = hall.desk.dump()
    again = hall.confirm(link)
    assert (again.status, again.body) == (200, first.body)
    assert hall.desk.dump() == before
    assert hall.ask(link).body == first.body


def test_choices_are_kept_and_no_word_of_the_form_is_in_the_mail(hall: Hall) -> None:
    said = "Cheap-watches-at-http://evil.example"
    answer = hall.sign_up(
        ANN, sections="some", category=["sport"], language="de", text_size="large", name=said
    )
    assert "Sehen Sie in Ihr Postfach" in answer.text
    (mail,) = hall.post()
    assert b"evil" not in mail.content
    assert "Sport" not in open_message(mail.content).text
    assert "Bestätigen Sie Ihr Abonnement" in subject_of(mail)
    assert "Noch ein Klick" in hall.ask(link_of(mail)).text
    hall.confirm(link_of(mail))
    found = hall.subscription(ANN)
    assert found is not None
    assert found.preferences == Preferences(categories=("Sport",), language="de", text_size="large")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@",
        "Ann <ann@heritage.org>",
        "ann@heritage.org,bob@heritage.org",
        "a\r\nBcc: b@c.org",
    ],
)
def test_a_wrong_address_shows_the_form_again(hall: Hall, typed: str) -> None:
    answer = hall.sign_up(typed, text_size="large")
    assert answer.status == 422
    assert 'aria-describedby="email-fault" aria-invalid="true"' in answer.text
    assert 'value="large" checked' in answer.text
    assert "Write a mail address, such as name@example.org." in answer.text
    assert hall.post() == []


def test_a_wrong_choice_shows_the_form_again_with_the_choices_open(hall: Hall) -> None:
    answer = hall.sign_up(ANN, sections="some", category=["Chess"])
    assert (answer.status, "<details open>" in answer.text) == (422, True)
    assert hall.post() == []


@pytest.mark.parametrize(
    "typed", ["ann+digest@heritage.org", "ann@bücher.de", " ann@heritage.org "]
)
def test_addresses_of_all_forms_are_mailed(hall: Hall, typed: str) -> None:
    assert hall.sign_up(typed).status == 200
    assert len(hall.post()) == 1


def test_two_spellings_are_one_person(hall: Hall) -> None:
    hall.sign_up("Ann@Heritage.org")
    hall.sign_up(ANN)
    assert len(hall.post()) == 1


def test_a_sign_up_survives_a_crash_before_it_is_settled(hall: Hall) -> None:
    hall.sign_up(ANN)
    hall.reload()  # as a new process
    assert len(hall.post()) == 1


def test_no_row_keeps_the_address_of_an_answered_sign_up(hall: Hall) -> None:
    hall.join(ANN)
    assert sum(ANN in line for line in hall.desk.dump()) == 1


def test_the_audit_names_what_happened_and_no_address(hall: Hall) -> None:
    hall.join(ANN, source="footer")
    rows = sorted(line for line in hall.desk.dump() if line.startswith('INSERT INTO "audit"'))
    assert [ANN in row for row in rows] == [False, False]
    assert "'subscriber','sign up','weekly',NULL,'footer'" in rows[0]
    assert "'subscriber','confirm','weekly',NULL,''" in rows[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_way_in_is_the_same_on_each_engine(tmp_path: Path, engine: str) -> None:
    hall = Hall.open(tmp_path, database=database_url(engine, tmp_path))
    with hall.serving():
        assert "You are in" in hall.join(ANN, sections="some", category=["News"]).text
        hall.sign_up(ANN)
        assert subject_of(hall.post()[0]).startswith("You get")
        person = hall.person(ANN)
        assert person is not None
        with hall.app.database.write() as connection:
            leave(connection, person.id, "weekly", how="page", now=hall.now)
        hall.now += 2 * DAY
        assert "You are in" in hall.join(ANN).text
        hall.sign_up("bob@heritage.org", network="9.9.9.9")
        hall.post()
        hall.now += 8 * DAY
        purged = purge(hall.app.database, hall.app.retention, now=hall.now)
        assert purged is not None
        assert purged.sign_ups == 1
        assert (hall.person("bob@heritage.org"), hall.person(ANN)) == (None, person)


# --- too late -----------------------------------------------------------------------------------


def test_an_old_link_asks_to_sign_up_again(hall: Hall) -> None:
    hall.sign_up(ANN)
    link = link_of(hall.post()[0])
    hall.now += timedelta(days=7, minutes=1)
    answer = hall.confirm(link)
    assert answer.status == 410
    assert "Nothing is lost: sign up again" in answer.text
    found = hall.subscription(ANN)
    assert found is not None
    assert found.state is State.PENDING


def test_what_nobody_confirms_is_deleted_after_seven_days(hall: Hall) -> None:
    hall.sign_up(ANN)
    link = link_of(hall.post()[0])
    app = hall.app
    assert purge(app.database, app.retention, now=hall.now + 6 * DAY) is not None
    assert hall.person(ANN) is not None
    purged = purge(app.database, app.retention, now=hall.now + 7 * DAY + timedelta(hours=1))
    assert purged is not None
    assert purged.sign_ups == 1
    assert hall.person(ANN) is None
    assert not [line for line in hall.desk.dump() if ANN in line]
    assert hall.confirm(link).status == 410
    purge(app.database, app.retention, now=hall.now + 31 * DAY)
    assert not [line for line in hall.desk.dump() if 'INTO "sign_up' in line]


def test_a_purge_leaves_people_alone_who_are_there_for_another_reason(hall: Hall) -> None:
    hall.desk.run("subscribers", "add", ANN)  # imported, and pending
    hall.desk.run("subscribers", "add", "bob@heritage.org", "--consent", "paper")
    hall.sign_up(ANN)
    hall.post()
    app = hall.app
    purged = purge(app.database, app.retention, now=hall.now + 8 * DAY)
    assert purged is not None
    assert purged.sign_ups == 1
    kept = hall.subscription(ANN)
    assert kept is not None
    assert kept.state is State.PENDING
    assert hall.subscription("bob@heritage.org") is not None


@pytest.mark.parametrize("purpose", ["leave", "preferences", "view"])
def test_a_link_for_another_purpose_confirms_nothing(hall: Hall, purpose: str) -> None:
    hall.sign_up(ANN)
    hall.post()
    person = hall.person(ANN)
    assert person is not None
    wanted = Purpose(purpose)
    link = Link(
        public_id=person.public_id, newsletter="weekly", number=1 if wanted.is_numbered else None
    )
    token = LinkSigner(hall.app.keys[0]).sign(wanted, link)
    assert hall.confirm(f"/c/{token}").status == 404


# --- who is there already -----------------------------------------------------------------------


def test_somebody_who_has_it_is_told_so_at_most_once_a_day(hall: Hall) -> None:
    hall.join(ANN)
    before = hall.subscription(ANN)
    hall.sign_up(ANN, language="ar", network="9.9.9.9")
    (told,) = hall.post()
    assert subject_of(told) == "You get The Hill Paper in your inbox already"
    assert "/p/" in open_message(told.content).text
    hall.sign_up(ANN)
    assert hall.post() == []
    hall.now += DAY + timedelta(minutes=1)
    hall.sign_up(ANN)
    assert len(hall.post()) == 1
    assert hall.subscription(ANN) == before


def test_somebody_who_left_stays_away_until_they_confirm_again(hall: Hall) -> None:
    hall.join(ANN, text_size="large")
    person = hall.person(ANN)
    assert person is not None
    with hall.app.database.write() as connection:
        leave(connection, person.id, "weekly", how="page", now=hall.now)
    left = hall.subscription(ANN)
    hall.now += DAY * 40
    hall.sign_up(ANN)
    (mail,) = hall.post()
    assert hall.subscription(ANN) == left
    hall.confirm(link_of(mail))
    back = hall.subscription(ANN)
    assert back is not None
    assert back.consent is not None
    assert (back.state, back.left_at, back.left_how) == (State.CONFIRMED, None, "")
    assert (back.consent.at, back.joined_at, back.seen_seq) == (hall.now, hall.now, None)
    assert back.preferences.text_size == "normal"


@pytest.mark.parametrize("reason", [SuppressionReason.BOUNCED, SuppressionReason.ERASED])
def test_a_confirmation_lifts_a_bounce_and_an_erasure(
    hall: Hall, reason: SuppressionReason
) -> None:
    hall.join(ANN)
    if reason is SuppressionReason.ERASED:
        with hall.app.database.write() as connection:
            erase_person(connection, hall.app.keys, parse_address(ANN), now=hall.now)
    else:
        suppress_ann(hall, reason)
    hall.now += DAY * 2
    hall.sign_up(ANN)
    (mail,) = hall.post()
    assert reasons(hall) == (reason,)
    assert "You are in" in hall.confirm(link_of(mail)).text
    assert reasons(hall) == ()
    person = hall.person(ANN)
    assert person is not None
    assert person.suppressed == ()


@pytest.mark.parametrize("reason", [SuppressionReason.COMPLAINED, SuppressionReason.MANUAL])
def test_nothing_is_mailed_to_somebody_who_complained_or_was_suppressed(
    hall: Hall, reason: SuppressionReason
) -> None:
    suppress_ann(hall, SuppressionReason.BOUNCED)
    suppress_ann(hall, reason)
    assert hall.sign_up(ANN).status == 200
    assert hall.post() == []
    assert hall.person(ANN) is None


def test_a_complaint_after_the_sign_up_ends_it(hall: Hall) -> None:
    hall.sign_up(ANN)
    link = link_of(hall.post()[0])
    suppress_ann(hall, SuppressionReason.COMPLAINED)
    assert hall.confirm(link).status == 410
    assert reasons(hall) == ("complained",)


def test_a_complained_subscription_is_never_asked(hall: Hall) -> None:
    hall.join(ANN)
    person, found = hall.person(ANN), hall.subscription(ANN)
    assert person is not None
    assert found is not None
    with hall.app.database.write() as connection:
        put_subscription(connection, person.id, replace(found, state=State.COMPLAINED))
    hall.now += 2 * DAY
    hall.sign_up(ANN)
    assert hall.post() == []


def test_erasure_takes_a_waiting_sign_up_with_it(hall: Hall) -> None:
    hall.sign_up(ANN)
    link = link_of(hall.post()[0])
    with hall.app.database.write() as connection:
        erase_person(connection, hall.app.keys, parse_address(ANN), now=hall.now)
    assert hall.confirm(link).status == 410
    assert not [line for line in hall.desk.dump() if 'INTO "sign_ups"' in line]


def test_erasure_takes_a_sign_up_with_it_that_is_not_settled_yet(hall: Hall) -> None:
    hall.sign_up("ANN@Heritage.org")
    hall.sign_up("bob@heritage.org")
    with hall.app.database.write() as connection:
        erase(connection, hall.app.keys, parse_address(ANN), now=hall.now)
    assert [mail.recipient for mail in hall.post()] == ["bob@heritage.org"]
    assert hall.person(ANN) is None


def test_a_second_newsletter_is_asked_for_after_the_first_is_confirmed(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    add_newsletter(hall, "sport")
    with hall.serving():
        hall.sign_up(ANN)
        hall.sign_up(ANN, newsletter="sport")
        (first,) = hall.post()
        hall.confirm(link_of(first))
        (second,) = hall.post()
        hall.confirm(link_of(second))
        assert [s.state for s in map(hall.subscription, (ANN, ANN), ("weekly", "sport")) if s] == [
            State.CONFIRMED,
            State.CONFIRMED,
        ]


# --- guards -------------------------------------------------------------------------------------


def test_the_answer_has_the_same_bytes_whatever_the_state(hall: Hall) -> None:
    hall.join("has@heritage.org")
    suppress_ann(hall, SuppressionReason.COMPLAINED)
    hall.desk.run("subscribers", "add", "pending@heritage.org")
    answers = [
        hall.sign_up(each, network=f"5.6.{number}.8")
        for number, each in enumerate(
            (
                "has@heritage.org",
                ANN,
                "pending@heritage.org",
                "new@heritage.org",
                "pending@heritage.org",
            )
        )
    ]
    assert len({(each.status, each.body) for each in answers}) == 1
    calls = [
        hall.call({"email": each}, network=f"6.7.{number}.8")
        for number, each in enumerate(("has@heritage.org", ANN, "other@heritage.org"))
    ]
    assert {(each.status, each.body) for each in calls} == {
        (202, b'{"status":"confirmation sent"}')
    }


@pytest.mark.proof
def test_no_time_shows_who_is_a_subscriber(hall: Hall) -> None:
    rounds = 1000 if IS_PROOF else 60
    for number in range(20):
        hall.desk.run("subscribers", "add", f"known{number}@heritage.org", "--consent", "paper")
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        # In turns, so that a machine that slows down slows both.
        for is_known in (number % 2 == 0, number % 2 == 1):
            who = f"known{number % 20}" if is_known else f"other{number % 20}"
            started = time.perf_counter()
            hall.sign_up(f"{who}@heritage.org", network=f"5.{number // 250}.{number % 250}.1")
            times[is_known].append(time.perf_counter() - started)
    gap = abs(median(times[True]) - median(times[False]))
    p = same_distribution(times[True], times[False])
    figures.record(
        "sign-up-times", requests=2 * rounds, ks_p=round(p, 3), median_gap_s=round(gap, 6)
    )
    # In a short run only a leak that is plain to see fails.
    assert p > (0.01 if IS_PROOF else 0.0001)
    if IS_PROOF:
        assert gap < 0.001


def same_distribution(one: list[float], other: list[float]) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test (asymptotic)."""
    values = sorted([*one, *other])
    distance = max(
        abs(bisect_right(first, value) / len(first) - bisect_right(second, value) / len(second))
        for first, second in [(sorted(one), sorted(other))]
        for value in values
    )
    scaled = distance * math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    if scaled < 0.2:
        return 1.0
    signs = (1.0, -1.0) * 50
    terms = (sign * math.exp(-2 * (k * scaled) ** 2) for k, sign in enumerate(signs, 1))
    return min(1.0, max(0.0, 2 * sum(terms)))


def test_the_test_of_times_would_find_a_leak() -> None:
    quick = [number / 1000 for number in range(100)]
    assert same_distribution(quick, [each + 0.00001 for each in quick]) > 0.9
    assert same_distribution(quick, [each + 0.05 for each in quick]) < 0.001


def test_one_question_a_day_and_three_until_one_is_answered(hall: Hall) -> None:
    mails = 0
    for _ in range(10):
        hall.sign_up(ANN)
        mails += len(hall.post())
        hall.sign_up(ANN, network="9.9.9.9")
        mails += len(hall.post())
        hall.now += DAY + timedelta(minutes=1)
    assert mails == 3


@pytest.mark.proof
def test_many_sign_ups_of_many_networks_cause_one_mail_to_each_victim(tmp_path: Path) -> None:
    requests, networks, victims = (10_000, 500, 50) if IS_PROOF else (200, 40, 8)
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config("[web]", "[web]\nsign_ups_per_hour = 100000")
    with hall.serving():
        for number in range(requests):
            hall.sign_up(
                f"victim{number % victims}@heritage.org",
                network=f"5.{number % networks // 250}.{number % networks % 250}.1",
                age_s=None,
            )
            if number % 50 == 49:
                hall.post()
        hall.post()
    per_victim = hall.letterbox.per_subscriber()
    assert (len(per_victim), max(per_victim.values())) == (victims, 1)


@pytest.mark.parametrize(
    ("age_s", "most"),
    [(60, PER_NETWORK), (None, PER_NETWORK_UNSTAMPED), (2 * 86400, PER_NETWORK_UNSTAMPED)],
)
def test_a_network_is_limited_and_told_when_to_come_back(
    hall: Hall, age_s: float | None, most: int
) -> None:
    for number in range(most):
        answer = hall.sign_up(f"a{number}@heritage.org", network=f"5.6.7.{number}", age_s=age_s)
        assert answer.status == 200
    refused = hall.sign_up("b@heritage.org", network="5.6.7.200", age_s=age_s)
    assert (refused.status, refused.headers["retry-after"]) == (429, "3600")
    assert hall.sign_up("b@heritage.org", network="5.6.8.1", age_s=age_s).status == 200
    hall.now += timedelta(hours=1, minutes=1)
    assert hall.sign_up("c@heritage.org", network="5.6.7.1", age_s=age_s).status == 200


def test_typed_addresses_to_leave_count_with_the_sign_ups_of_their_network(hall: Hall) -> None:
    def ask(network: str) -> Answer:
        assert hall.site is not None
        body = urlencode({"address": "b@heritage.org"}).encode()
        return hall.site.ask("/unsubscribe", "POST", body, {**FORM, "x-forwarded-for": network})

    for number in range(PER_NETWORK - 1):
        hall.sign_up(f"a{number}@heritage.org")
    assert ask("5.6.7.9").status == 200
    refused = ask("5.6.7.10")
    assert (refused.status, refused.headers["retry-after"]) == (429, "3600")
    assert 'href="/unsubscribe"' in refused.text
    assert hall.sign_up("c@heritage.org").status == 429
    assert ask("5.6.8.1").status == 200
    hall.now += timedelta(hours=1, minutes=1)
    assert ask("5.6.7.10").status == 200


def test_all_networks_together_are_limited(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config("[web]", "[web]\nsign_ups_per_hour = 3")
    with hall.serving():
        statuses = [
            hall.sign_up(f"a{number}@heritage.org", network=f"5.6.{number}.1").status
            for number in range(5)
        ]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_proxy_that_is_not_named_has_no_limit_of_its_own(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config('trusted_proxies = ["127.0.0.1"]', "trusted_proxies = []")
    with hall.serving():
        statuses = {
            hall.sign_up(f"a{number}@heritage.org", network="5.6.7.8").status
            for number in range(PER_NETWORK + 5)
        }
    assert statuses == {200}


@pytest.mark.parametrize("wrong", [{"homepage": "http://evil.example"}, {"age_s": 1.0}])
def test_a_program_gets_the_same_answer_and_nothing_happens(
    hall: Hall, wrong: dict[str, object]
) -> None:
    right = hall.sign_up("bob@heritage.org")
    before = hall.desk.dump()
    answer = hall.sign_up(ANN, **wrong)  # type: ignore[arg-type]  # a field or the age
    assert (answer.status, answer.body) == (right.status, right.body)
    assert hall.desk.dump() == before


def test_a_forged_stamp_counts_as_none(hall: Hall) -> None:
    for number in range(PER_NETWORK_UNSTAMPED):
        hall.sign_up(f"a{number}@heritage.org", age_s=None, stamp=f"1796013051.{'0' * 32}")
    assert hall.sign_up(ANN, age_s=None, stamp="x").status == 429


def test_networks_are_stored_as_keyed_hashes(hall: Hall) -> None:
    hall.sign_up(ANN, network="5.6.7.8")
    dump = "".join(hall.desk.dump())
    assert "5.6.7" not in dump


def test_a_newsletter_that_does_not_exist_has_no_form(hall: Hall) -> None:
    for path in ("/monthly", "/subscribe/monthly", "/c/x", "/subscribe"):
        assert hall.ask(path).status == 404
    assert hall.sign_up(ANN, newsletter="monthly").status == 404


# --- the endpoint for programs ------------------------------------------------------------------


def test_a_program_of_another_site_may_sign_people_up(hall: Hall) -> None:
    asked = hall.call(None, method="OPTIONS")
    assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert asked.headers["access-control-allow-headers"] == "content-type"
    assert "access-control-allow-credentials" not in asked.headers
    answer = hall.call(
        {"email": ANN, "categories": ["Sport"], "language": "fr", "consent": "Yes, the digest!"}
    )
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (202, "*")
    hall.confirm(link_of(hall.post()[0]))
    found = hall.subscription(ANN)
    assert found is not None
    assert found.consent is not None
    assert found.consent.text == "Yes, the digest! (api, version 1, en)"
    assert found.preferences == Preferences(categories=("Sport",), language="fr")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "ann"}, "email"),
        ({}, "email"),
        ({"email": ANN, "categories": ["Chess"]}, "categories"),
        ({"email": ANN, "categories": "Sport"}, "categories"),
        ({"email": ANN, "categories": [1]}, "categories"),
        ({"email": ANN, "cadence": "hourly"}, "cadence"),
        ({"email": ANN, "categry": ["Sport"]}, "categry"),
        ({"email": [ANN]}, "email"),
        ({"email": True}, "email"),
        ([ANN], "body"),
        (b"email=ann@heritage.org", "body"),
        (b"[" * 10_000, "body"),
        (b"\xff\xfe", "body"),
        # One half of a surrogate pair is no text, in a name or in a value.
        (rb'{"email": "ann@heritage.org", "consent": "\ud83d"}', "body"),
        (rb'{"email": "ann@heritage.org", "\udca8": "x"}', "body"),
    ],
)
def test_the_endpoint_names_the_field_at_fault(hall: Hall, sent: object, field: str) -> None:
    answer = hall.call(sent)
    assert (answer.status, list(json.loads(answer.body)["errors"])) == (422, [field])
    assert answer.headers["access-control-allow-origin"] == "*"
    assert hall.post() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_words_of_a_program_are_stored_without_nul(tmp_path: Path, engine: str) -> None:
    hall = Hall.open(tmp_path, database=database_url(engine, tmp_path))
    with hall.serving():
        assert hall.call({"email": ANN, "consent": "Yes,\0 the digest!"}).status == 202
        hall.confirm(link_of(hall.post()[0]))
        found = hall.subscription(ANN)
    assert found is not None
    assert found.consent is not None
    assert found.consent.text == "Yes, the digest! (api, version 1, en)"


# --- the welcome --------------------------------------------------------------------------------


def add_newsletter(hall: Hall, name: str) -> None:
    config = hall.desk.project.config
    text = config.read_text("utf-8")
    block = text[text.index("[[newsletters]]") : text.index("[web]")]
    more = block.replace('name = "weekly"', f'name = "{name}"')
    config.write_text(text.replace("[web]", f"{more}\n[web]"), "utf-8")


@pytest.fixture
def welcoming(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config('title = "The', 'welcome = true\ntitle = "The')
    for title, category in (("A bridge", "News"), ("A mill", "News"), ("A match", "Sport")):
        hall.desk.add_post(title, category, at=NOW - timedelta(hours=2))
    hall.desk.add_subscribers(1)
    with hall.serving():
        yield hall


def test_a_welcome_brings_the_newest_edition_in_the_persons_categories(welcoming: Hall) -> None:
    hall = welcoming
    assert hall.desk.run("compose").code == 0
    assert hall.desk.send().code == 0
    rows = [line for line in hall.desk.dump() if 'INTO "deliveries"' in line]
    hall.join(ANN, sections="some", category=["News"], text_size="large")
    (mail,) = hall.post()
    opened = open_message(mail.content)
    headers = dict(opened.headers)
    assert headers["Subject"] == "Welcome to The Hill Paper in your inbox"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.message_id.startswith("<welcome.")
    assert "Welcome, and thank you for signing up. This is the newest edition. The next one" in (
        " ".join(opened.text.split())
    )
    assert "A bridge" in opened.text
    assert "A match" not in opened.text
    assert f"{ANN} on" in " ".join(opened.text.split())
    assert "PLACE_" not in opened.html + opened.text
    leave_url = headers["List-Unsubscribe"].strip("<>")
    path = leave_url.removeprefix("https://hill.example.org")
    assert hall.ask(path).status == 200
    # Outside the ledger, and once.
    assert [line for line in hall.desk.dump() if 'INTO "deliveries"' in line] == rows
    assert hall.post() == []
    found = hall.subscription(ANN)
    assert found is not None
    assert found.seen_seq is None
    parsed = message_from_bytes(mail.content, policy=policy.default)
    assert not parsed.defects


def test_without_an_edition_the_welcome_is_a_short_note(welcoming: Hall) -> None:
    welcoming.join(ANN)
    (mail,) = welcoming.post()
    assert subject_of(mail) == "Welcome to The Hill Paper in your inbox"
    assert "The next one comes on" in open_message(mail.content).text


def test_without_the_setting_there_is_no_welcome(hall: Hall) -> None:
    hall.join(ANN)
    assert hall.post() == []


# --- the pages ----------------------------------------------------------------------------------


def test_the_page_of_a_newsletter_shows_its_newest_edition(welcoming: Hall) -> None:
    hall = welcoming
    assert "From the newest edition" not in hall.ask("/weekly").text
    hall.desk.run("compose")
    hall.desk.send()
    answer = hall.ask("/weekly")
    assert "From the newest edition" in answer.text
    assert '<a class="title" href="https://hill.example.org/A-bridge/">A bridge</a>' in answer.text
    assert answer.headers["x-robots-tag"] == "all"
    assert "img-src 'self' https: http:" in answer.headers["content-security-policy"]
    assert '<meta property="og:title" content="The Hill Paper in your inbox">' in answer.text


def test_the_page_of_a_newsletter_leads_to_its_archive(welcoming: Hall) -> None:
    hall = welcoming
    hall.desk.run("compose")
    hall.desk.send()
    assert "/archive/weekly" not in hall.ask("/weekly").text
    hall.desk.project.change_config("welcome = true", "archive = true")
    with hall.serving():
        page = hall.ask("/weekly").text
    assert 'href="https://hill.example.org/archive/weekly"' in page


def test_one_newsletter_is_the_home_page(hall: Hall) -> None:
    home, page = hall.ask("/"), hall.ask("/weekly")
    assert (home.status, home.body) == (200, page.body)
    assert hall.ask("/subscribe/weekly").body == page.body


def test_several_newsletters_are_listed_on_the_home_page(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    add_newsletter(hall, "sport")
    with hall.serving():
        text = hall.ask("/").text
    assert "Newsletters of The Hill Paper" in text
    assert ('href="/weekly"' in text, 'href="/sport"' in text) == (True, True)


def test_the_page_speaks_another_language_on_request(hall: Hall) -> None:
    assert '<html lang="ar" dir="rtl">' in hall.ask("/weekly?lang=ar").text
    assert '<html lang="en" dir="ltr">' in hall.ask("/weekly?lang=xx").text


def test_head_is_answered_like_get(hall: Hall) -> None:
    for path in ("/", "/weekly", "/subscribe/weekly"):
        assert hall.ask(path, "HEAD").status == 200


# --- the form for other sites -------------------------------------------------------------------


def test_the_form_names_its_addresses_and_has_no_script(hall: Hall) -> None:
    html = hall.desk.run("subscribers", "form", "--source", "footer", "--language", "de").out
    assert 'action="https://hill.example.org/subscribe/weekly" method="post"' in html
    assert 'name="source" value="footer"' in html
    assert '<label for="digest-weekly-email">Ihre E-Mail-Adresse</label>' in html
    assert "https://hill.example.org/api/subscribe/weekly" in html
    assert "<script" not in html
    assert "style=" not in html
    printed = hall.desk.run("subscribers", "form", "--json").data
    assert printed["html"] in hall.desk.run("subscribers", "form").out


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--source", "foot/er"), "may have only letters"),
        (("--language", "xx"), "must be one of en, ar, de, es, fr"),
        (("--newsletter", "daily"), "newsletter 'daily' does not exist"),
    ],
)
def test_a_form_that_cannot_be_is_one_line(hall: Hall, wrong: tuple[str, str], said: str) -> None:
    done = hall.desk.run("subscribers", "form", *wrong)
    assert (done.code, said in done.err, done.out) == (2, True, "")


def test_a_form_has_the_fields_of_delivery_at_local_hours(tmp_path: Path) -> None:
    hall = Hall.open(tmp_path)
    hall.desk.project.change_config('title = "The', 'deliver = "local"\ntitle = "The')
    with hall.serving():
        assert '<select id="zone" name="zone">' in hall.ask("/weekly").text
        hall.join(ANN, zone="Asia/Tokyo", hour="6")
        found = hall.subscription(ANN)
        assert found is not None
        assert (found.preferences.zone, found.preferences.hour) == ("Asia/Tokyo", 6)
        assert hall.sign_up(ANN, hour="25").status == 422
