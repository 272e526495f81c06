"""A change of address is made when both mailboxes have agreed, and tells nothing to anyone else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.models import DeliveryState
from subscribers.addresses import parse_address
from subscribers.suppression import SuppressionReason, find_reasons, is_suppressed, suppress
from subscribers.tokens import Purpose
from tests.support.self_service import ADDRESS, TOGETHER, Counter, days, open_counter, path_in

NEW = "ann.new@mail.example.net"


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_counter(tmp_path, settings=TOGETHER, subscribers=2) as counter:
        yield counter


def ask(counter: Counter, address: str = NEW) -> dict[str, str]:
    assert counter.send("/address", ("address", address)).status == 200
    return counter.mails()


def decide(counter: Counter, path: str, answer: str = "yes") -> str:
    sent = counter.send_to(path, ("answer", answer))
    assert sent.status == 200
    found = re.search(r"<h1>([^<]+)</h1>", sent.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("first", ["old", "new"])
def test_the_address_changes_when_both_ends_have_agreed(counter: Counter, first: str) -> None:
    mails = ask(counter)
    paths = {"old": path_in(mails[ADDRESS], "m"), "new": path_in(mails[NEW], "m")}
    before = counter.person()
    second = "new" if first == "old" else "old"
    assert decide(counter, paths[first]) == "Thank you"
    assert counter.person() == before
    assert decide(counter, paths[first]) == "Thank you"  # twice is once
    assert counter.person() == before
    assert decide(counter, paths[second]) == "Your address is changed"
    assert counter.person() is None
    after = counter.person(NEW)
    assert before is not None
    assert after is not None
    assert (after.id, after.public_id, after.suppressed) == (before.id, before.public_id, ())
    assert counter.subscription(NEW).newsletter == "weekly"
    for path in paths.values():
        assert "Your address is changed" in counter.show(path).text
        assert decide(counter, path, "no") == "Your address is changed"
    assert counter.rows("SELECT action FROM audit") == [("change address",)]
    assert counter.rows("SELECT address FROM address_changes") == [("",)]


def test_a_get_of_any_link_changes_nothing(counter: Counter) -> None:
    mails = ask(counter)
    before = counter.desk.dump()
    for mail in mails.values():
        for method in ("GET", "HEAD"):
            assert counter.site.ask(path_in(mail, "m"), method).status == 200
        assert counter.send_to(path_in(mail, "m")).status == 200  # a POST without an answer
    assert counter.desk.dump() == before


@pytest.mark.parametrize("end", [ADDRESS, NEW])
def test_either_end_can_refuse(counter: Counter, end: str) -> None:
    mails = ask(counter)
    other = NEW if end == ADDRESS else ADDRESS
    assert decide(counter, path_in(mails[other], "m")) == "Thank you"
    assert decide(counter, path_in(mails[end], "m"), "no") == "Your address stays as it is"
    assert decide(counter, path_in(mails[other], "m")) == "Your address stays as it is"
    assert counter.person() is not None
    assert counter.person(NEW) is None
    assert NEW not in str(counter.desk.dump())


def test_the_old_end_sees_the_new_address_in_full_and_nothing_else_shows_one(
    counter: Counter,
) -> None:
    mails = ask(counter)
    assert "See the new address" in mails[ADDRESS]
    paths = {end: path_in(mail, "m") for end, mail in mails.items()}
    old, new = (counter.show(paths[end]).text for end in (ADDRESS, NEW))
    assert (f"<bdi>{NEW}</bdi>" in old, "s…@example.net" in old) == (True, True)
    assert ("a…@mail.example.net" in new, "s…@example.net" in new) == (True, True)
    assert NEW not in new
    for words in (old, new, *paths.values()):
        assert ADDRESS not in words
    assert all(NEW not in path for path in paths.values())
    # After the own answer it is still seen; after the end of the change it is not.
    assert NEW in counter.send_to(paths[ADDRESS], ("answer", "yes")).text
    assert NEW not in counter.send_to(paths[ADDRESS], ("answer", "no")).text
    assert NEW not in mails[ADDRESS]
    assert ADDRESS not in mails[NEW]
    assert "mail.example.net" not in mails[ADDRESS]


def test_a_change_ends_after_a_week(counter: Counter) -> None:
    mails = ask(counter)
    counter.now += days(7)
    assert decide(counter, path_in(mails[NEW], "m")) == "This link has ended"
    assert decide(counter, path_in(mails[ADDRESS], "m")) == "This link has ended"
    assert counter.person() is not None


def test_the_answer_is_the_same_for_every_address(counter: Counter) -> None:
    suppressed = "gone@mail.example.net"
    with counter.app.database.write() as connection:
        address = parse_address(suppressed, allow_reserved=True)
        reason = SuppressionReason.COMPLAINED
        suppress(connection, counter.app.keys, address, reason, now=counter.now)
    answers = []
    for address_typed in (NEW, "subscriber1@example.net", suppressed, ADDRESS):
        answers.append(counter.send("/address", ("address", address_typed)).body)
        mails = counter.mails()
        # The old mailbox always gets its mail; the new one only if it can become the person's.
        assert set(mails) == ({ADDRESS, NEW} if address_typed == NEW else {ADDRESS})
        path = path_in(mails[ADDRESS], "m")
        assert decide(counter, path, "yes") == "Thank you"
        assert decide(counter, path, "no") == "Your address stays as it is"
        counter.now += days(1)
        answers[-1] = re.sub(rb"(min|max)=\"[^\"]+\"|planned for [^<]+", b"", answers[-1])
    assert len(set(answers)) == 1


def test_an_address_that_was_taken_meanwhile_is_not_given_twice(counter: Counter) -> None:
    mails = ask(counter)
    decide(counter, path_in(mails[ADDRESS], "m"))
    assert counter.desk.run("subscribers", "add", NEW).code == 0
    assert decide(counter, path_in(mails[NEW], "m")) == "Your address stays as it is"
    assert counter.person() is not None


def test_an_address_that_was_suppressed_meanwhile_is_not_used(counter: Counter) -> None:
    mails = ask(counter)
    decide(counter, path_in(mails[NEW], "m"))
    assert counter.desk.run("subscribers", "suppress", NEW).code == 0
    assert decide(counter, path_in(mails[ADDRESS], "m")) == "Your address stays as it is"
    assert counter.person() is not None


def test_one_change_a_day_and_three_at_once(counter: Counter) -> None:
    for number in range(3):
        ask(counter, f"new{number}@mail.example.net")
        again = counter.send("/address", ("address", f"other{number}@mail.example.net"))
        assert again.status == 422
        assert "try again" in again.text
        assert counter.mails() == {}
        counter.now += days(1)
    assert counter.send("/address", ("address", NEW)).status == 422
    counter.now += days(4)
    assert set(ask(counter)) == {ADDRESS, NEW}


@pytest.mark.parametrize(
    "typed", ["", "ann", "ann@", "Ann <ann@heritage.org>", "a@b.org,c@d.org", 'a"<script>@b.org']
)
def test_what_is_no_address_is_shown_again(counter: Counter, typed: str) -> None:
    before = counter.desk.dump()
    answer = counter.send("/address", ("address", typed))
    assert answer.status == 422
    assert "This is not a complete mail address." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script" not in answer.text
    assert counter.desk.dump() == before


def test_each_link_acts_for_its_own_end_and_change_only(counter: Counter) -> None:
    ask(counter)
    before = counter.desk.dump()
    for purpose in Purpose:
        number = 1 if purpose.is_numbered else None
        token = counter.token(purpose, number=number)
        is_one = purpose in (Purpose.MOVE_OLD, Purpose.MOVE_NEW)
        assert counter.show(f"/m/{token}").status == (200 if is_one else 404)
        if not is_one:
            assert counter.send_to(f"/m/{token}", ("answer", "yes")).status == 404
    for number in (2, 10**17):
        token = counter.token(Purpose.MOVE_NEW, number=number)
        assert counter.send_to(f"/m/{token}", ("answer", "yes")).status == 404
    assert counter.desk.dump() == before


def test_a_change_of_another_person_cannot_be_answered(counter: Counter) -> None:
    ask(counter)
    with counter.app.database.write() as connection:
        connection.exec_driver_sql("UPDATE address_changes SET person_id = 2")
    token = counter.token(Purpose.MOVE_NEW, number=1)
    assert counter.send_to(f"/m/{token}", ("answer", "yes")).status == 404


def test_the_next_mail_goes_to_the_new_address(counter: Counter) -> None:
    mails = ask(counter)
    for mail in (mails[ADDRESS], mails[NEW]):
        decide(counter, path_in(mail, "m"))
    counter.desk.add_post("One")
    counter.desk.compose()
    assert counter.desk.send().code == 0
    out = counter.desk.project.folder / "out"
    got = sorted(
        line
        for path in out.rglob("*.eml")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("To: ")
    )
    assert got == [f"To: {NEW}", "To: subscriber1@example.net"]
    assert counter.rows("SELECT DISTINCT state FROM deliveries") == [(DeliveryState.SENT,)]


def test_the_new_address_can_be_suppressed_and_erased_as_any_other(counter: Counter) -> None:
    mails = ask(counter)
    for mail in (mails[ADDRESS], mails[NEW]):
        decide(counter, path_in(mail, "m"))
    assert counter.desk.run("subscribers", "suppress", NEW).code == 0
    person = counter.person(NEW)
    assert person is not None
    assert person.suppressed == ("manual",)
    assert counter.desk.run("subscribers", "erase", NEW).code == 0
    old, new = (parse_address(each, allow_reserved=True) for each in (ADDRESS, NEW))
    with counter.app.database.read() as connection:
        assert find_reasons(connection, counter.app.keys, new) == ("erased", "manual")
        assert not is_suppressed(connection, counter.app.keys, old)
    for part in ("mail.example.net", ADDRESS):
        assert part not in str(counter.desk.dump())
