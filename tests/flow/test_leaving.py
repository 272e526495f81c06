"""Leaving and coming back on the public pages, over real HTTP."""

from __future__ import annotations

import asyncio
import html
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

import pytest

from digest.letter.printing.opened import open_message
from digest.models import Masthead
from digest.newsroom.post_office import PostOffice
from digest.newsroom.self_service.facts import CadenceFacts, NewsletterFacts
from digest.newsroom.self_service.leave_links import send_leave_links
from digest.newsroom.self_service.returning import Leavers
from digest.scheduler.slots import parse_schedule
from digest.web.public.app import create_public
from digest.web.public.unsubscribe import ANSWER_AFTER_S
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.leavings import Leaving
from subscribers.people import find_person, find_subscription, subscribe
from subscribers.preferences import Consent, State
from subscribers.reasons import Reason
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tokens import Link, LinkReader, Purpose
from tests.flow.test_notes import FakeMailer
from tests.support.desk_work import Desk
from tests.support.figures import IS_PROOF
from tests.support.subscriptions import put_subscription
from tests.support.web_doors import KEYS, NOW, PeopleStore, people_store, public_door, public_pages
from tests.support.web_server import Answer, Site, serving

FORM = {"content-type": "application/x-www-form-urlencoded"}
ADDRESS = "ann@heritage.org"


class Door:
    """The pages of one subscriber, with a clock that the test sets."""

    def __init__(self, store: PeopleStore, schedules: dict[str, str]) -> None:
        self.store = store
        self.now = NOW
        facts = store.facts["weekly"]
        cadences = {
            name: CadenceFacts(schedule=parse_schedule(text)) for name, text in schedules.items()
        }
        self.facts: dict[str, NewsletterFacts] = {"weekly": replace(facts, cadences=cadences)}

    @property
    def leavers(self) -> Leavers:
        store = self.store
        return Leavers(lambda: store.database, store.journal, self.facts, lambda: self.now)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


@pytest.fixture
def door(store: PeopleStore) -> Door:
    return Door(store, {"weekly": "Mon 07:00", "daily": "daily 07:00", "slow": "1st Mon 07:00"})


@pytest.fixture
def site(store: PeopleStore, door: Door) -> Iterator[Site]:
    public = replace(
        public_door(store),
        leavers=door.leavers,
        clock=lambda: door.now,
        pages=public_pages(door.facts),
    )
    with serving(create_public(public, PUBLIC)) as site:
        yield site


def path_of(store: PeopleStore, newsletter: str = "weekly") -> str:
    return f"/u/{store.token(Purpose.LEAVE, newsletter=newsletter)}"


def post(site: Site, store: PeopleStore, newsletter: str = "weekly", **form: str) -> Answer:
    return site.ask(path_of(store, newsletter), "POST", urlencode(form).encode(), FORM)


def words_of(answer: Answer) -> str:
    """Return a page's words, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def audited(store: PeopleStore) -> list[tuple[str, str, str]]:
    with sqlite3.connect(store.database.name) as connection:
        return list(connection.execute("SELECT action, newsletter, detail FROM audit ORDER BY id"))


# --- coming back --------------------------------------------------------------------------------


def test_who_left_comes_back_with_everything_as_it_was(site: Site, store: PeopleStore) -> None:
    before = store.subscription()
    for how in ({"how": "page"}, {"List-Unsubscribe": "One-Click"}):
        assert "Did you change your mind?" in post(site, store, **how).text
        assert store.subscription().state is State.LEFT
        page = post(site, store, do="return")
        assert "Welcome back" in page.text
        assert "From the next edition on" in words_of(page)
        assert store.subscription() == before
    assert [action for action, _, _ in audited(store)] == ["leave", "come back"] * 2


def test_the_old_link_offers_the_way_back_for_thirty_days(
    site: Site, store: PeopleStore, door: Door
) -> None:
    post(site, store)
    door.now = NOW + timedelta(days=30)
    page = site.ask(path_of(store))
    assert "You left on November 23, 2026" in words_of(page)
    assert 'value="return"' in page.text
    door.now += timedelta(minutes=1)
    page = site.ask(path_of(store))
    assert 'value="return"' not in page.text
    assert 'class="tall" href="/weekly"' in page.text
    assert "You have left" in post(site, store, do="return").text
    assert store.subscription().state is State.LEFT


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_a_suppressed_address_is_offered_no_way_back(
    site: Site, store: PeopleStore, reason: SuppressionReason
) -> None:
    post(site, store)
    with store.database.write() as connection:
        suppress(connection, KEYS, parse_address(ADDRESS), reason, now=NOW)
    page = site.ask(path_of(store))
    assert 'value="return"' not in page.text
    assert 'class="tall"' not in page.text
    assert post(site, store, do="return").status == 200
    assert store.subscription().state is State.LEFT


@pytest.mark.parametrize("state", [State.PENDING, State.BOUNCED, State.COMPLAINED])
def test_only_a_confirmed_subscriber_gets_offers(
    site: Site, store: PeopleStore, state: State
) -> None:
    with store.database.write() as connection:
        changed = replace(store.subscription(), state=state)
        put_subscription(connection, store.person_id, changed)
    assert 'name="do" value="pause' not in site.ask(path_of(store)).text
    before = store.dump()
    for do in ("return", "rarer", "pause-4-weeks", "resume", "reason", "unknown"):
        post(site, store, do=do)
        assert store.dump() == before, do
    post(site, store)
    assert 'value="return"' not in site.ask(path_of(store)).text


def test_a_leaving_that_waits_in_the_journal_does_not_undo_a_later_return(
    site: Site, store: PeopleStore
) -> None:
    post(site, store)
    store.journal.append(Leaving(link=store.link, how="page", at=NOW))
    post(site, store, do="return")
    store.leavers.take_leavings()
    assert store.subscription().state is State.CONFIRMED


def test_a_newsletter_no_longer_configured_can_be_left(site: Site, store: PeopleStore) -> None:
    page = site.ask(path_of(store, "monthly"))
    assert (page.status, 'value="pause' in page.text) == (200, False)
    assert post(site, store, "monthly").status == 200
    assert store.subscription("monthly").state is State.LEFT
    assert 'value="return"' not in post(site, store, "monthly", do="return").text
    assert store.subscription("monthly").state is State.LEFT


# --- less mail ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("weeks", "do"), [(4, "pause-4-weeks"), (13, "pause-3-months")])
def test_a_pause_is_stored_and_can_be_ended(
    site: Site, store: PeopleStore, weeks: int, do: str
) -> None:
    before = store.subscription()
    assert "is paused" in post(site, store, do=do).text
    assert store.subscription().preferences.paused_until == NOW + timedelta(weeks=weeks)
    assert "End the pause" in site.ask(path_of(store)).text
    assert "The pause has ended" in post(site, store, do="resume").text
    assert store.subscription() == before


def test_the_rarest_cadence_is_offered_in_words(site: Site, store: PeopleStore) -> None:
    page = site.ask(path_of(store))
    assert "Get it on the first Monday of the month at 7:00 AM instead" in words_of(page)
    assert "first Monday" in words_of(post(site, store, do="rarer"))
    assert store.subscription().preferences.cadence == "slow"
    assert 'value="rarer"' not in site.ask(path_of(store)).text
    before = store.dump()
    post(site, store, do="rarer")
    assert store.dump() == before


@pytest.mark.parametrize(
    ("schedules", "chosen", "rarer"),
    [
        ({"a": "Mon 07:00"}, "", ""),
        ({"a": "Mon 07:00", "b": "Fri 07:00"}, "", ""),
        ({"monthly": "daily 07:00", "daily": "Mon,Thu 07:00"}, "", "daily"),
        ({"monthly": "daily 07:00", "daily": "Mon,Thu 07:00"}, "daily", ""),
        ({"a": "Mon,Tue,Wed,Thu,Fri 07:00", "b": "last Fri 17:30", "c": "Mon 07:00"}, "gone", "b"),
        ({"a": "1st Mon 07:00", "b": "1st Mon,Thu 07:00"}, "b", "a"),
        ({"a": "Mon 07:00", "b": "1st Mon,Tue,Wed,Thu 07:00"}, "", "b"),
        ({"a": "1st Mon,Tue,Wed,Thu,Fri 07:00", "b": "Mon 07:00"}, "", "b"),
    ],
)
def test_rarer_is_judged_by_the_schedule(
    store: PeopleStore, schedules: dict[str, str], chosen: str, rarer: str
) -> None:
    kept = store.subscription()
    preferences = replace(kept.preferences, cadence=chosen)
    with store.database.write() as connection:
        put_subscription(connection, store.person_id, replace(kept, preferences=preferences))
    door = Door(store, schedules)
    page = door.leavers.find(store.link)
    assert page is not None
    assert page.rarer == (door.facts["weekly"].in_words(rarer, "en") if rarer else "")


# --- all newsletters, and why -------------------------------------------------------------------


def test_all_newsletters_are_left_at_once(site: Site, store: PeopleStore) -> None:
    assert "Leave all our newsletters" in site.ask(path_of(store)).text
    assert "You have left all our newsletters" in post(site, store, do="all").text
    for newsletter in ("weekly", "monthly"):
        assert store.subscription(newsletter).state is State.LEFT
        assert store.subscription(newsletter).left_how == "page"
    assert [name for _, name, _ in audited(store)] == ["monthly", "weekly"]


def test_who_has_one_newsletter_of_one_is_not_asked_about_all(
    site: Site, store: PeopleStore
) -> None:
    post(site, store, "monthly")
    assert "Leave all our newsletters" not in site.ask(path_of(store)).text


def test_leaving_all_while_the_database_is_held_is_not_lost(site: Site, store: PeopleStore) -> None:
    holder = sqlite3.connect(store.database.name, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "You have left" in post(site, store, do="all").text
    holder.execute("ROLLBACK")
    holder.close()
    assert store.leavers.take_leavings() == 1
    assert store.subscription("monthly").state is State.LEFT


def test_a_line_of_the_journal_of_an_earlier_version_is_read(store: PeopleStore) -> None:
    line = f'{{"public_id": "{store.public_id}", "newsletter": "weekly", "how": "page"'
    (store.folder / "leaves.journal").write_text(f'{line}, "at": "{NOW.isoformat()}"}}\n')
    assert store.leavers.take_leavings() == 1
    assert store.subscription().state is State.LEFT
    assert store.subscription("monthly").state is State.CONFIRMED


def test_a_reason_is_stored_without_consequence(site: Site, store: PeopleStore) -> None:
    assert "Would you like to say why?" in post(site, store).text
    left = store.subscription()
    page = post(
        site, store, do="reason", reason="too-often", words="Daily!\r\n\x1b[2J<b>" + "x" * 900
    )
    assert "Thank you" in page.text
    assert store.subscription().left_reason.startswith("too-often: Daily! [2J<b>xxx")
    assert len(store.subscription().left_reason) == len("too-often: ") + 500
    assert replace(store.subscription(), left_reason="") == left
    assert "say why" not in site.ask(path_of(store)).text


def test_a_reason_must_be_one_of_the_choices(site: Site, store: PeopleStore) -> None:
    post(site, store)
    for form in ({}, {"reason": "because"}, {"words": "so"}):
        page = post(site, store, do="reason", **form)
        assert (page.status, "Please choose one" in page.text) == (422, True)
    assert store.subscription().left_reason == ""


def test_an_unknown_form_changes_nothing(site: Site, store: PeopleStore) -> None:
    before = store.dump()
    assert post(site, store, do="pause-9-years").status == 422
    assert store.dump() == before


@pytest.mark.parametrize(
    "body", [b"\xff\xfe=\xff", b"\x00", b"", b"%ff%00=%", b"&" * 9000, b"\xe2"]
)
def test_a_post_with_any_body_is_a_request_to_leave(
    site: Site, store: PeopleStore, body: bytes
) -> None:
    assert site.ask(path_of(store), "POST", body, FORM).status == 200
    assert store.subscription().left_how == "one-click"


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar"])
def test_the_pages_speak_the_newsletters_language(
    site: Site, store: PeopleStore, door: Door, language: str
) -> None:
    title = "Lantern"
    facts = replace(
        door.facts["weekly"], language=language, title=title, masthead=Masthead(title=title)
    )
    door.facts["weekly"] = facts
    english = re.compile(r"\b(the|you|your|from|leave|if)\b", re.IGNORECASE)
    answers = [site.ask(path_of(store)), site.ask("/unsubscribe"), site.ask("/u/x")]
    answers += [post(site, store, do=do) for do in ("pause-4-weeks", "resume", "rarer", "all")]
    answers += [post(site, store, do="reason"), post(site, store, do="reason", reason="other")]
    answers += [post(site, store, do="return"), site.ask("/unsubscribe", "POST", b"address=", FORM)]
    answers += [site.ask("/unsubscribe", "POST", b"address=a@b.org", FORM)]
    for answer in answers:
        assert f'lang="{language}"' in answer.text
        assert english.findall(words_of(answer).replace("e-mail", "")) == []


# --- by typed address ---------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "desk").mkdir()
    desk = Desk.open(tmp_path / "desk")
    desk.run("subscribers", "add", ADDRESS, "--consent", "form")
    return desk


def mails(desk: Desk) -> list[str]:
    """Return the texts of the notes that are due."""
    mailer, app = FakeMailer(), desk.app
    app.__dict__["open_mailer"] = lambda: mailer
    asyncio.run(PostOffice(app, asyncio.Event()).send_due())
    assert {mail.recipient for mail in mailer.taken} <= {ADDRESS}
    return [open_message(mail.content).text for mail in mailer.taken]


def type_address(desk: Desk, store: PeopleStore, *typed: str) -> list[Answer]:
    door = replace(public_door(store), send_leave_links=partial(send_leave_links, desk.app))
    with serving(create_public(door, PUBLIC)) as site:
        return [
            site.ask("/unsubscribe", "POST", urlencode({"address": each}).encode(), FORM)
            for each in typed
        ]


def test_the_links_to_leave_come_by_mail_and_work(desk: Desk, store: PeopleStore) -> None:
    answers = type_address(desk, store, ADDRESS, " Ann@HERITAGE.org ", "nobody@heritage.org")
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    (text,) = mails(desk)
    token = re.findall(r"/u/(\S+)", text)
    assert len(token) == 1
    link = LinkReader(desk.app.keys).read(Purpose.LEAVE, token[0])
    assert link is not None
    assert Leavers.of(desk.app).leave(Leaving(link=link, how="page", at=NOW))
    assert mails(desk) == []


def test_the_links_are_mailed_once_a_day(desk: Desk) -> None:
    counts = []
    for _ in range(3):
        send_leave_links(desk.app, ADDRESS)
        counts.append(len(mails(desk)))
    assert counts == [1, 0, 0]


def test_who_has_nothing_to_leave_gets_no_mail(desk: Desk) -> None:
    desk.run("subscribers", "add", "bob@heritage.org")
    desk.run("subscribers", "leave", ADDRESS)
    for address in (ADDRESS, "bob@heritage.org", "carl@heritage.org"):
        send_leave_links(desk.app, address)
    assert mails(desk) == []


def test_who_leaves_before_the_mail_is_written_gets_none(desk: Desk) -> None:
    send_leave_links(desk.app, ADDRESS)
    desk.run("subscribers", "leave", ADDRESS)
    assert mails(desk) == []


def test_each_newsletter_has_its_link(desk: Desk) -> None:
    app = desk.app
    with app.database.write() as connection:
        person = find_person(connection, parse_address(ADDRESS))
        assert person is not None
        held = find_subscription(connection, person.id, "weekly")
        assert held is not None
        consent = Consent(at=NOW, how="form", text="")
        subscribe(connection, person.id, replace(held, newsletter="closed-down", consent=consent))
    send_leave_links(app, ADDRESS)
    (text,) = mails(desk)
    read = LinkReader(app.keys).read
    links = [read(Purpose.LEAVE, token) for token in re.findall(r"/u/(\S+)", text)]
    assert [link.newsletter for link in links if link] == ["closed-down", "weekly"]


@pytest.mark.parametrize("typed", ["", "no address", "a@b@c.org", "x" * 400, "é@"])
def test_a_wrong_address_is_shown_again(desk: Desk, store: PeopleStore, typed: str) -> None:
    (answer,) = type_address(desk, store, typed)
    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.text
    assert "not a mail address" in answer.text


def test_an_address_that_no_database_stores_is_refused(desk: Desk, store: PeopleStore) -> None:
    (answer,) = type_address(desk, store, "a\x00@b.org")
    assert (answer.status, "This page cannot do that" in answer.text) == (422, True)


def test_a_busy_machine_answers_late_and_without_a_failure(store: PeopleStore) -> None:
    def send_late(address: str, *, network: str) -> bool:
        sleep(ANSWER_AFTER_S + 0.05)
        return True

    with serving(
        create_public(replace(public_door(store), send_leave_links=send_late), PUBLIC)
    ) as site:
        assert site.ask("/unsubscribe", "POST", b"address=ann@heritage.org", FORM).status == 200


@pytest.mark.proof
def test_known_and_unknown_addresses_take_the_same_time(desk: Desk, store: PeopleStore) -> None:
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    rounds = 100 if IS_PROOF else 3
    door = replace(public_door(store), send_leave_links=partial(send_leave_links, desk.app))
    with serving(create_public(door, PUBLIC)) as site:
        for number in range(rounds):
            for kind, address in (("known", ADDRESS), ("unknown", f"nobody{number}@heritage.org")):
                start = monotonic()
                body = urlencode({"address": address}).encode()
                assert site.ask("/unsubscribe", "POST", body, FORM).status == 200
                times[kind].append(monotonic() - start)
    assert min(map(min, times.values())) >= ANSWER_AFTER_S
    if IS_PROOF:
        assert _distance(times["known"], times["unknown"]) < 1.95 * (2 / rounds) ** 0.5


def _distance(one: list[float], other: list[float]) -> float:
    """Return the Kolmogorov-Smirnov distance; 1.95 √(2/n) is exceeded once in 1,000 times."""
    return max(
        abs(bisect_right(sorted(one), x) / len(one) - bisect_right(sorted(other), x) / len(other))
        for x in (*one, *other)
    )


# --- at the desk --------------------------------------------------------------------------------


def test_reasons_are_shown_to_the_operator(desk: Desk) -> None:
    assert "No subscriber has given a reason" in desk.run("subscribers", "reasons").out
    app = desk.app
    with app.database.read() as connection:
        person = find_person(connection, parse_address(ADDRESS))
    assert person is not None
    link = Link(public_id=person.public_id, newsletter="weekly")
    leavers = Leavers.of(app)
    leavers.leave(Leaving(link=link, how="page", at=datetime.now(UTC)))
    leavers.explain(link, Reason.TOO_OFTEN, "every day")
    out = desk.run("subscribers", "reasons").out
    assert re.search(r"too-often +1\b", out)
    assert "every day" in out
    assert "too-often: every day" in desk.run("subscribers", "show", ADDRESS).out
