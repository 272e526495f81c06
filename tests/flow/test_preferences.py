"""Subscribers change their choices by the link in their mails: pages over a real database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from digest.letter.printing.opened import open_message
from digest.models import Choice
from digest.store import choices as editors_choices
from digest.store.tables import posts
from subscribers.addresses import parse_address
from subscribers.people import leave
from subscribers.preferences import Preferences, State
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.desk_work import NOW
from tests.support.self_service import (
    ADDRESS,
    LOCAL,
    TOGETHER,
    Counter,
    open_counter,
)
from tests.support.timing import within

ALL_FIELDS = (
    ("sections", "some"),
    ("category", "Sport"),
    ("cadence", "monthly"),
    ("language", "fr"),
    ("text_size", "large"),
    ("zone", "Asia/Tokyo"),
    ("hour", "6"),
)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_counter(tmp_path, settings=LOCAL) as counter:
        yield counter


def titles_on(text: str) -> list[str]:
    return [unescape(title) for title in re.findall(r'<li><a href="[^"]+">([^<]+)</a>', text)]


# --- choices ------------------------------------------------------------------------------------


def test_every_choice_of_the_form_is_stored_with_its_audit_row(counter: Counter) -> None:
    answer = counter.send("", *ALL_FIELDS)
    assert answer.status == 200
    assert "C’est enregistré." in answer.text
    assert counter.subscription().preferences == Preferences(
        categories=("Sport",),
        cadence="monthly",
        language="fr",
        text_size="large",
        zone="Asia/Tokyo",
        hour=6,
    )
    assert counter.rows("SELECT actor, action, newsletter, detail FROM audit") == [
        (
            "subscriber",
            "change preferences",
            "weekly",
            "categories, cadence, language, text_size, zone, hour",
        )
    ]


def test_saving_the_same_choices_again_stores_no_second_audit_row(counter: Counter) -> None:
    counter.send("", *ALL_FIELDS)
    before = counter.desk.dump()
    assert counter.send("", *ALL_FIELDS).status == 200
    assert counter.desk.dump() == before


def test_a_wrong_choice_keeps_the_values_and_stores_nothing(counter: Counter) -> None:
    before = counter.desk.dump()
    answer = counter.send("", ("sections", "some"), ("cadence", "monthly"), ("hour", "25"))
    assert answer.status == 422
    assert "Choose at least one section" in answer.text
    assert 'id="hour-fault"' in answer.text
    assert 'aria-describedby="hour-fault" aria-invalid="true"' in answer.text
    assert re.search(r'name="cadence" value="monthly" checked', answer.text)
    assert "Saved." not in answer.text
    assert counter.desk.dump() == before


def test_the_page_shows_the_choices_and_no_address(counter: Counter) -> None:
    counter.send("", *ALL_FIELDS)
    text = counter.show().text
    assert re.search(r'name="category" value="Sport" checked', text)
    assert re.search(r'value="Asia/Tokyo" selected', text)
    assert "s…@example.net" in text
    assert ADDRESS not in text


def test_showing_choices_changes_nothing(counter: Counter) -> None:
    counter.desk.add_post("In the news")
    counter.desk.add_post("On the field", "Sport")
    before = counter.desk.dump()
    query = urlencode([*ALL_FIELDS, ("show", "1")])
    for method in ("GET", "HEAD"):
        answer = counter.site.ask(f"/p/{counter.token()}?{query}", method)
        assert answer.status == 200
    shown = counter.show(f"/p/{counter.token()}?{query}").text
    assert titles_on(shown) == ["On the field"]
    assert "These choices are only shown" in shown
    assert counter.desk.dump() == before
    assert titles_on(counter.show().text) == ["In the news", "On the field"]


def test_no_get_of_any_page_changes_anything(counter: Counter) -> None:
    before = counter.desk.dump()
    for part in ("", "?pause=end", "/pause", "/address?address=a@b.org", "/data"):
        for method in ("GET", "HEAD"):
            assert counter.site.ask(f"/p/{counter.token()}{part}", method).status == 200
    assert counter.show(f"/p/{counter.token()}/other").status == 404
    assert counter.desk.dump() == before


def test_only_a_token_for_preferences_opens_or_changes_them(counter: Counter) -> None:
    before = counter.desk.dump()
    for purpose in Purpose:
        if purpose is Purpose.PREFERENCES:
            continue
        token = counter.token(purpose, number=7 if purpose.is_numbered else None)
        for part in ("", "/pause", "/address", "/data"):
            assert counter.site.ask(f"/p/{token}{part}").status == 404
            sent = counter.send_to(f"/p/{token}{part}", ("pause", "4-weeks"))
            assert sent.status == 404
    assert counter.desk.dump() == before


def test_a_newsletter_of_one_cadence_and_hour_shows_no_choice_of_them(tmp_path: Path) -> None:
    with open_counter(tmp_path) as counter:
        text = counter.show().text
    assert 'name="zone"' not in text
    assert 'name="cadence"' not in text
    assert 'name="category"' in text


@pytest.mark.parametrize("state", ["left", "suppressed", "pending"])
def test_who_gets_no_mail_changes_nothing(counter: Counter, state: str) -> None:
    person = counter.person()
    assert person is not None
    with counter.app.database.write() as connection:
        if state == "left":
            leave(connection, person.id, "weekly", how="page", now=NOW)
        elif state == "suppressed":
            address = parse_address(ADDRESS, allow_reserved=True)
            reason = SuppressionReason.BOUNCED
            suppress(connection, counter.app.keys, address, reason, now=NOW)
        else:
            connection.exec_driver_sql("UPDATE subscriptions SET state = 'pending'")
    before = counter.desk.dump()
    for answer in (
        counter.show(),
        counter.send("", *ALL_FIELDS),
        counter.send("/pause", ("pause", "4-weeks")),
        counter.send("/address", ("address", "new@mail.example.net")),
    ):
        assert answer.status == 200
        assert 'name="text_size"' not in answer.text
        assert "planned for" not in answer.text
    assert counter.desk.dump() == before
    has_way_back = f"/u/{counter.token(Purpose.LEAVE)}" in counter.show().text
    assert has_way_back
    assert ("Come back" in counter.show().text) == (state == "left")


def test_a_newsletter_that_is_no_longer_configured_can_still_be_left(counter: Counter) -> None:
    with counter.app.database.write() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET newsletter = 'gone'")
    token = counter.token().replace(".weekly.", ".gone.")
    assert counter.show(f"/p/{token}").status == 404  # the signature is of another newsletter
    person = counter.person()
    assert person is not None
    link = Link(public_id=person.public_id, newsletter="gone")
    token = LinkSigner(counter.app.keys[0]).sign(Purpose.PREFERENCES, link)
    text = counter.show(f"/p/{token}").text
    assert "No edition is sent to this address" in text
    action = re.search(r'action="(/u/[^"]+)"', text)
    assert action is not None
    assert counter.send_to(action[1], ("how", "page")).status == 200
    assert counter.subscription().state is State.LEFT


def test_two_windows_of_a_browser_leave_the_last_choices(counter: Counter) -> None:
    counter.send("", ("sections", "some"), ("category", "News"), ("text_size", "large"))
    counter.send("", ("sections", "some"), ("category", "Sport"), ("text_size", "normal"))
    chosen = counter.subscription().preferences
    assert (chosen.categories, chosen.text_size) == (("Sport",), "normal")


def test_a_body_that_is_no_form_is_answered_without_an_error(counter: Counter) -> None:
    path = f"/p/{counter.token()}"
    for body in (b"\xff\xfe", b"&".join(b"a=1" for _ in range(300)), b"", b"=&=&="):
        assert counter.site.ask(path, "POST", body).status in (200, 404)
    assert counter.subscription().preferences == Preferences()


# --- the next edition ---------------------------------------------------------------------------


def set_clock(counter: Counter, text: str) -> None:
    counter.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_edition_is_named_at_the_subscribers_own_hour(counter: Counter) -> None:
    set_clock(counter, "2026-11-20T12:00")
    text = counter.send("", ("zone", "Asia/Tokyo"), ("hour", "6")).text
    assert "Thursday, November 26, 2026, 6:00\u202fAM (Tokyo)" in text
    text = counter.send("", ("zone", ""), ("hour", ""), ("cadence", "monthly")).text
    assert "Monday, December 7, 2026, 7:00\u202fAM (Berlin)" in text


def test_a_pause_moves_the_next_edition(counter: Counter) -> None:
    set_clock(counter, "2026-11-20T12:00")
    text = counter.send("/pause", ("pause", "4-weeks")).text
    assert "You get no mail until December 18, 2026." in text
    assert "Thursday, December 24, 2026" in text
    assert "Your next edition is planned for Thursday, December 24" in counter.show().text
    text = counter.send("/pause", ("pause", "end")).text
    assert "the pause has ended" in text
    assert "Thursday, November 26, 2026" in text


def test_a_slot_whose_edition_was_sent_before_its_hour_is_not_promised(tmp_path: Path) -> None:
    with open_counter(tmp_path, settings=TOGETHER) as counter:
        first = re.search(r"planned for ([^(]+)", counter.show().text)
        counter.desk.add_post("One")
        counter.desk.compose()
        assert counter.desk.send().code == 0
        second = re.search(r"planned for ([^(]+)", counter.show().text)
    assert first is not None
    assert second is not None
    assert first[1] != second[1]


# --- what the next edition has ------------------------------------------------------------------


def test_a_few_titles_are_shown_and_the_others_counted(counter: Counter) -> None:
    for number in range(14):
        counter.desk.add_post(f"Post {number}", "News" if number % 2 else "Sport")
    text = counter.show().text
    assert len(titles_on(text)) == 10
    assert "and 4 more posts" in text
    assert text.index('<h3 dir="auto">News</h3>') < text.index('<h3 dir="auto">Sport</h3>')


def test_the_titles_are_those_of_the_draft(tmp_path: Path) -> None:
    with open_counter(tmp_path, settings=TOGETHER) as counter:
        counter.desk.add_post("Old wall")
        counter.desk.add_post("Dropped by hand")
        counter.desk.compose()
        with counter.app.database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE editions SET snapshot = replace(snapshot, 'Old wall', 'New wall')"
            )
        assert "New wall" in titles_on(counter.show().text)


def test_posts_that_an_editor_dropped_or_renamed_are_shown_so(counter: Counter) -> None:
    for title in ("Keep", "Drop", "Rename"):
        counter.desk.add_post(title)
    with counter.app.database.write() as connection:
        ids = {row.title: row.id for row in connection.execute(posts.select())}
        editors_choices.save_choice(connection, "weekly", ids["Drop"], Choice(is_dropped=True))
        editors_choices.save_choice(
            connection, "weekly", ids["Rename"], Choice(title="A <b>better</b> title")
        )
    assert titles_on(counter.show().text) == ["A <b>better</b> title", "Keep"]


def test_a_hostile_title_is_printed_as_text(counter: Counter) -> None:
    counter.desk.add_post("<script>alert(1)</script>")
    text = counter.show().text
    assert "<script" not in text
    assert titles_on(text) == ["<script>alert(1)</script>"]


def test_the_page_is_quick_with_many_long_posts(counter: Counter) -> None:
    for number in range(3):
        counter.desk.add_post(f"First {number}")
    with counter.app.database.write() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
            " INSERT INTO posts (seq, feed_id, url, title, author, published_raw, published_at,"
            " first_seen_at, updated_at, summary_html, content_html, image_url, image_alt,"
            " content_hash, mailable) SELECT i, feed_id, url || i, title || i, author,"
            " published_raw, published_at, first_seen_at, updated_at, summary_html,"
            " hex(zeroblob(10000)), image_url, image_alt, content_hash || i, mailable"
            " FROM posts, n WHERE seq = 1"
        )
        connection.exec_driver_sql(
            "INSERT INTO post_categories SELECT id, feed_id, 'News' FROM posts WHERE seq >= 10"
        )
    counter.show()
    with within(2):  # of processor time; 20 MB of text would take longer
        assert "more posts" in counter.show().text


# --- pause --------------------------------------------------------------------------------------


def test_a_pause_ends_at_the_beginning_of_a_day_in_the_newsletters_zone(counter: Counter) -> None:
    set_clock(counter, "2026-11-20T23:30")  # already the 21st in Berlin
    counter.send("/pause", ("pause", "date"), ("until", "2026-12-24"))
    assert counter.subscription().preferences.paused_until == datetime(
        2026, 12, 23, 23, 0, tzinfo=UTC
    )
    counter.send("/pause", ("until", "2026-11-22"))  # a day alone is enough
    assert counter.subscription().preferences.paused_until == datetime(
        2026, 11, 21, 23, 0, tzinfo=UTC
    )
    counter.send("/pause", ("pause", "3-months"), ("until", ""))
    assert counter.subscription().preferences.paused_until == datetime(
        2027, 2, 19, 23, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "until",
    ["2026-11-21", "2026-11-20", "2027-11-23", "9999-12-31", "24.12.2026", "", "2026-02-30"],
)
def test_a_day_that_is_no_pause_is_refused(counter: Counter, until: str) -> None:
    set_clock(counter, "2026-11-20T23:30")
    before = counter.desk.dump()
    answer = counter.send("/pause", ("pause", "date"), ("until", until))
    assert answer.status == 422
    assert "Choose a day from tomorrow to a year from now." in answer.text
    assert counter.desk.dump() == before


def test_saving_choices_does_not_end_a_pause(counter: Counter) -> None:
    counter.send("/pause", ("pause", "4-weeks"))
    counter.send("", ("text_size", "large"))
    chosen = counter.subscription().preferences
    assert (chosen.text_size, chosen.paused_until is not None) == ("large", True)


# --- nothing twice, nothing missed --------------------------------------------------------------


class Issues:
    """Editions of both cadences, composed and sent; the titles in the mails."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.number = 0

    def send(self, cadence: str) -> list[str]:
        """Compose and send an edition; return the titles that the subscriber got."""
        desk = self.counter.desk
        made = desk.run("compose", "--cadence", cadence, "--extra", "--newsletter", "weekly")
        if made.code != 0:
            return []
        self.number += 1
        out = desk.project.folder / f"out{self.number}"
        sent = desk.run("send", "--outbox", str(out))
        assert sent.code in (0, 3), sent
        mails = [path.read_bytes() for path in out.rglob("*.eml")] if out.exists() else []
        text = "\n".join(open_message(mail).text for mail in mails)
        return sorted(set(re.findall(r"Story-[A-Z]", text)))


@pytest.fixture
def issues(tmp_path: Path) -> Iterator[Issues]:
    with open_counter(tmp_path, settings=TOGETHER) as counter:
        yield Issues(counter)


def test_changing_the_cadence_and_back_loses_and_repeats_nothing(issues: Issues) -> None:
    counter, desk = issues.counter, issues.counter.desk
    desk.add_subscribers(1, first=5)  # somebody who stays weekly, and one who stays monthly
    desk.add_subscribers(1, first=6, cadence="monthly")
    desk.add_post("Story-A")
    first = issues.send("weekly")
    assert first == ["Story-A"]
    counter.send("", ("cadence", "monthly"))
    desk.add_post("Story-B")
    issues.send("weekly")
    desk.add_post("Story-C")
    assert got_since(counter) == ["Story-B", "Story-C"]
    issues.send("monthly")
    assert got_since(counter) == []
    counter.send("", ("cadence", "weekly"))
    desk.add_post("Story-D")
    assert got_since(counter) == ["Story-D"]
    issues.send("weekly")
    assert mailed_to(counter) == ["Story-A", "Story-B", "Story-C", "Story-D"]


def test_a_new_section_brings_its_posts_since_the_last_edition_only(issues: Issues) -> None:
    counter, desk = issues.counter, issues.counter.desk
    counter.send("", ("sections", "some"), ("category", "News"))
    desk.add_post("Story-A")
    desk.add_post("Story-S", "Sport")
    issues.send("weekly")
    desk.add_post("Story-T", "Sport")
    counter.send("", ("sections", "all"))
    assert got_since(counter) == ["Story-T"]
    desk.add_post("Story-B")
    issues.send("weekly")
    assert mailed_to(counter) == ["Story-A", "Story-B", "Story-T"]


def test_after_a_pause_one_edition_brings_what_was_missed(issues: Issues) -> None:
    counter, desk = issues.counter, issues.counter.desk
    desk.add_subscribers(1, first=5)
    desk.add_post("Story-A")
    issues.send("weekly")
    counter.send("/pause", ("pause", "4-weeks"))
    desk.add_post("Story-B")
    issues.send("weekly")
    desk.add_post("Story-C")
    counter.send("/pause", ("pause", "end"))
    assert got_since(counter) == ["Story-B", "Story-C"]
    issues.send("weekly")
    assert mailed_to(counter) == ["Story-A", "Story-B", "Story-C"]


def got_since(counter: Counter) -> list[str]:
    """Return the titles that the page shows as new."""
    return sorted(titles_on(counter.show().text))


def mailed_to(counter: Counter) -> list[str]:
    """Return the titles in all mails to the subscriber, each as often as it was mailed."""
    found: list[str] = []
    for path in counter.desk.project.folder.glob("out*/**/*.eml"):
        mail = path.read_bytes()
        if f"To: {ADDRESS}".encode() in mail:
            text = open_message(mail).text
            found += set(re.findall(r"Story-[A-Z]", text))
    return sorted(found)
