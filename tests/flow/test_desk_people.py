"""What an admin does with people at the desk: the use cases, with a real database."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, UploadOptions, UploadState
from digest.newsroom.people.people import People
from digest.newsroom.people.search import Search
from digest.newsroom.people.uploads import UploadPage
from digest.store.sign_ups import unsettled_ids
from subscribers.errors import SubscriberError
from tests.support.desk_work import NOW, Desk

BY = Actor(name="olga")
CONSENT = UploadOptions(consent="the form of 2025")
LIST = b"email,name\nann@example.net,Ann\nben@example.net,Ben\nnot an address,Cyn\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    work = Desk.open(tmp_path)
    work.add_subscribers(3)
    return work


def upload(people: People, content: bytes = LIST, options: UploadOptions = CONSENT) -> str:
    return people.receive_upload(io.BytesIO(content), "C:\\lists\\people.csv", "", options, by=BY)


def shown(people: People, token: str) -> UploadPage:
    page = people.show_upload(token)
    assert page is not None
    return page


def actions(app: App) -> list[str]:
    with app.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT actor, action, detail FROM audit ORDER BY id")
        return [" ".join(row).strip() for row in rows]


def test_a_person_is_found_by_address_beginning_and_id_and_shown(desk: Desk) -> None:
    people = desk.app.newsroom.people
    whole = people.find(Search(text="Subscriber1@EXAMPLE.net"))
    some = people.find(Search(text="subscr"))
    by_id = people.find(Search(text="2"))
    newest = people.find(Search())
    assert [each.person.address for each in whole.people] == ["subscriber1@example.net"]
    assert [each.person.id for each in some.people] == [1, 2, 3]
    assert [each.person.id for each in by_id.people] == [2]
    assert [each.person.id for each in newest.people] == [3, 2, 1]
    profile = people.profile(2)
    assert profile is not None
    assert profile.person.address == "subscriber1@example.net"
    assert profile.subscriptions[0].choices is not None
    assert people.profile(99) is None
    with pytest.raises(UsageError, match="state 'gone'"):
        people.find(Search(state="gone"))


def test_choices_and_pauses_are_changed_but_nobody_is_confirmed_by_an_admin(desk: Desk) -> None:
    app = desk.app
    people = app.newsroom.people
    day = f"{NOW + timedelta(days=9):%Y-%m-%d}"
    people.change_choices(
        1, "weekly", {"sections": ["some"], "category": ["Sport"], "paused_until": [day]}, by=BY
    )
    profile = people.profile(1)
    assert profile is not None
    (held,) = profile.subscriptions
    assert held.subscription.preferences.categories == ("Sport",)
    assert held.paused_until == day
    with pytest.raises(UsageError, match="does not have that section"):
        people.change_choices(1, "weekly", {"sections": ["some"], "category": ["Art"]}, by=BY)
    with pytest.raises(UsageError, match="paused until"):
        people.change_choices(1, "weekly", {"paused_until": ["2020-01-01"]}, by=BY)
    people.leave("subscriber1@example.net", by=BY)
    with pytest.raises(NothingToDo, match="only the owner of the address can confirm"):
        people.change_choices(2, "weekly", {"sections": ["some"], "category": ["News"]}, by=BY)
    assert "olga change preferences" in actions(app)


def test_an_address_that_is_added_waits_for_its_owner(desk: Desk) -> None:
    app = desk.app
    people = app.newsroom.people
    people.add_by_mail("new@example.net", by=BY)
    assert not people.find(Search(text="new@example.net")).people
    with app.database.read() as connection:
        assert len(unsettled_ids(connection)) == 1
    with pytest.raises(NothingToDo, match="already"):
        people.add_by_mail("subscriber1@example.net", by=BY)
    people.suppress("bad@example.net", reason="complained", note="asked by phone", by=BY)
    with pytest.raises(Refused, match="must not be mailed"):
        people.add_by_mail("bad@example.net", by=BY)
    with pytest.raises(SubscriberError):
        people.add_by_mail("nobody", by=BY)
    assert "olga suppress complained: asked by phone" in actions(app)


def test_a_note_of_a_suppression_has_no_address_because_the_audit_is_kept(desk: Desk) -> None:
    people = desk.app.newsroom.people
    with pytest.raises(UsageError, match="no address"):
        people.suppress("bad@example.net", note="wrote from bad@example.net", by=BY)
    with pytest.raises(UsageError, match="reason 'erased'"):
        people.suppress("bad@example.net", reason="erased", by=BY)


def test_a_person_is_erased_only_after_their_address_was_typed(desk: Desk) -> None:
    people = desk.app.newsroom.people
    with pytest.raises(UsageError, match="nothing was erased"):
        people.erase_typed(1, "subscriber1@example.net", by=BY)
    people.erase_typed(1, " Subscriber0@example.net ", by=BY)
    assert people.profile(1) is None
    with pytest.raises(NothingToDo, match="does not exist any more"):
        people.erase_typed(1, "subscriber0@example.net", by=BY)


def test_an_upload_is_checked_first_and_imported_when_an_admin_says_so(desk: Desk) -> None:
    app = desk.app
    people = app.newsroom.people
    token = upload(people)
    with pytest.raises(Refused, match="not waiting"):
        people.start_upload(token, by=BY)
    people.run_upload(token)
    checked = shown(people, token)
    assert checked.upload.name == "people.csv"
    assert checked.upload.state is UploadState.CHECKED
    assert checked.upload.report is not None
    assert checked.upload.report.counts["added"] == 2
    assert checked.upload.report.refused[0][0] == 4
    assert checked.may_start
    assert not people.find(Search(text="ann@")).people
    people.start_upload(token, by=BY)
    with pytest.raises(Refused, match="not waiting"):
        people.start_upload(token, by=BY)
    people.run_upload(token)
    assert shown(people, token).upload.state is UploadState.DONE
    (ann,) = people.find(Search(text="ann@")).people
    assert ann.subscriptions[0].consent is not None
    assert ann.subscriptions[0].consent.text == "the form of 2025"
    folder = app.database.state_file.parent / "uploads"
    assert list(folder.iterdir()) == []
    assert [line.split(" ", 1)[1].split()[0] for line in actions(app)] == [
        "upload",
        "start",
        "import",
    ]


def test_an_upload_without_consent_or_content_keeps_nothing(desk: Desk) -> None:
    app = desk.app
    people = app.newsroom.people
    with pytest.raises(UsageError, match="consent"):
        upload(people, options=UploadOptions(consent=" "))
    with pytest.raises(UsageError, match="not empty"):
        upload(people, b"")
    assert people.list_uploads() == ()
    assert not list((app.database.state_file.parent / "uploads").glob("*"))


def test_a_file_that_cannot_be_read_says_why_and_can_be_deleted(desk: Desk) -> None:
    people = desk.app.newsroom.people
    token = upload(people, b"name,left?\nAnn,perhaps\n")
    people.run_upload(token)
    failed = shown(people, token)
    assert failed.upload.state is UploadState.FAILED
    assert failed.upload.problem
    assert not failed.may_start
    people.discard_upload(token, by=BY)
    assert people.show_upload(token) is None
    with pytest.raises(NothingToDo):
        people.discard_upload(token, by=BY)


def test_an_import_whose_process_ended_may_be_started_again(desk: Desk) -> None:
    app = desk.app
    people = app.newsroom.people
    token = upload(people)
    people.run_upload(token)
    people.start_upload(token, by=BY)
    assert shown(people, token).is_running
    now = app.clock() + timedelta(minutes=2)
    later = App(app.config, path=app.path, clock=lambda: now).newsroom.people
    stopped = shown(later, token)
    assert (stopped.has_stopped, stopped.is_running, stopped.may_start) == (True, False, True)
    later.start_upload(token, by=BY)
    later.run_upload(token)
    assert shown(later, token).upload.state is UploadState.DONE


def test_an_old_upload_is_deleted_with_its_file(desk: Desk) -> None:
    app = desk.app
    upload(app.newsroom.people)
    now = app.clock() + timedelta(days=2)
    later = App(app.config, path=app.path, clock=lambda: now).newsroom.people
    token = upload(later)
    assert [each.upload.token for each in later.list_uploads()] == [token]
    folder = app.database.state_file.parent / "uploads"
    assert [path.stem for path in folder.iterdir()] == [token]


def test_counts_are_taken_on_request_and_with_a_draft(desk: Desk) -> None:
    newsroom = desk.app.newsroom
    assert newsroom.audience_counts() is None
    assert newsroom.people_counts() is None
    newsroom.count_again(by=BY)
    counts, everybody = newsroom.audience_counts(), newsroom.people_counts()
    assert counts is not None
    assert everybody is not None
    assert (counts.subscribers, everybody.people) == (3, 3)
    desk.add_subscribers(1, first=3)
    desk.add_post("A bridge is mended")
    newsroom.compose(by=BY)
    assert newsroom.audience_counts() == counts  # taken within the hour
