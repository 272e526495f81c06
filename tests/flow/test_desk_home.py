"""Home, the list of editions, the plan and the history, over a real database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from digest.app import App
from digest.composer.snapshot import edition_from_json
from digest.models.admins import Role
from digest.pipeline.audience import general_rule, variant_for
from digest.store.tables import editions, feeds, slots
from subscribers.tables import subscriptions
from tests.support.counting import counted_statements
from tests.support.desk_visitor import OPERATOR, Visitor, add_account, open_desk
from tests.support.desk_work import NOW, Desk
from tests.support.web_server import Site


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    work = Desk.open(tmp_path, review="required")
    work.project.change_config(
        "https://hill.example.org/feed", "https://hill.example.org/feed/News"
    )
    return work


def words_of(text: str) -> str:
    """Return a page's words, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@contextmanager
def desk_of(work: Desk) -> Iterator[Site]:
    app = App(work.app.config, clock=lambda: NOW)
    with open_desk(app) as site:
        yield site


def add_editions(work: Desk, count: int) -> None:
    """Store more editions, each with the content of the first."""
    with work.app.database.write() as connection:
        first = connection.execute(select(editions).where(editions.c.id == 1)).mappings().one()
        slot = (
            connection.execute(select(slots).where(slots.c.id == first["slot_id"])).mappings().one()
        )
        for number in range(2, count + 2):
            when = slot["due_at"] - timedelta(weeks=number)
            connection.execute(
                insert(slots).values(
                    **{
                        **slot,
                        "id": 1000 + number,
                        "due_at": when,
                        "local_at": f"{when:%Y-%m-%dT%H:%M}",
                    }
                )
            )
            connection.execute(
                insert(editions).values(
                    **{
                        **first,
                        "id": number,
                        "slot_id": 1000 + number,
                        "number": number,
                        "state": "finished",
                        "frozen_at": when,
                        "finished_at": when,
                        "frozen_count": 7,
                    }
                )
            )


def test_a_draft_that_waits_is_named_with_its_time(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.compose()
    with desk_of(work) as site:
        home = words_of(site.ask("/").text)
    assert "waits for approval until" in home
    assert "Look and approve" in home


def test_with_nothing_to_do_the_page_says_so(work: Desk) -> None:
    with desk_of(work) as site:
        home = words_of(site.ask("/").text)
    assert "Nothing. Every edition, feed and mail is as it should be." in home
    assert "not made yet" in home
    assert "posts: 0 of 1" in home


def test_an_approval_that_a_change_voided_is_named(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    work.compose()
    assert work.run("approve").code == 0
    with desk_of(work) as site:
        assert "approval" not in words_of(site.ask("/").text).partition("Next editions")[0]
    assert work.run("compose", "--subject", "Another one").code == 0
    with desk_of(work) as site:
        assert "which is void" in words_of(site.ask("/").text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "paused", "paused_reason": "too many failures"}, "is paused: too many failures"),
        ({"state": "sending", "last_error": "421 not now"}, "the relay does not take its mails"),
    ],
)
def test_an_edition_that_stands_still_is_named(
    work: Desk, values: dict[str, str], words: str
) -> None:
    work.add_post("A bridge is mended")
    work.compose()
    with work.app.database.write() as connection:
        connection.execute(update(editions).values(**values))
    with desk_of(work) as site:
        assert words in words_of(site.ask("/").text)


def test_missed_slots_and_failing_feeds_are_named(work: Desk) -> None:
    work.add_post("A bridge is mended")
    with work.app.database.write() as connection:
        connection.execute(update(feeds).values(failures=3, last_error="HTTP 500"))
        due = NOW - timedelta(days=1)
        connection.execute(
            insert(slots).values(
                newsletter="weekly",
                cadence="weekly",
                local_at=f"{due:%Y-%m-%dT%H:%M}",
                due_at=due,
                state="missed",
            )
        )
    with desk_of(work) as site:
        home = words_of(site.ask("/").text)
    assert "no edition was sent; its posts go into the next one" in home
    assert "1 feed cannot be read: https://hill.example.org/feed/News" in home


def test_editions_are_paged_in_both_directions(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.compose()
    add_editions(work, 60)
    seen: list[list[int]] = []
    with desk_of(work) as site:
        path = "/editions"
        for rel in ("next", "next", "prev", "prev"):
            text = site.ask(path).text
            seen.append(list(map(int, re.findall(r'class="subject" href="/editions/(\d+)"', text))))
            found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
            assert found is not None
            path = unescape(found[1])
        first = site.ask(path).text
    assert 'rel="prev"' not in first
    assert seen[0] == list(range(61, 36, -1))
    assert seen[1] == list(range(36, 11, -1))
    assert seen[2] == list(range(11, 0, -1))
    assert seen[3] == seen[1]


def test_a_page_reads_little_however_many_editions_there_are(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.compose()
    few = statements_of(work)
    add_editions(work, 200)
    many = statements_of(work)
    assert max(many.values()) <= 25, many
    assert few.keys() == many.keys()


def statements_of(work: Desk) -> dict[str, int]:
    counts = {}
    with desk_of(work) as site:
        site.ask("/editions")
        for path in ("/", "/editions", "/plan", "/editions/1/history"):
            with counted_statements() as statements:
                assert site.ask(path).status == 200
            counts[path] = len(statements)
    return counts


def test_the_history_says_who_did_what(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    assert work.run("compose").code == 0
    assert work.run("approve").code == 0
    add_account(work.app, "anna", Role.VIEWER)
    with desk_of(work) as site:
        visitor = Visitor(site)
        visitor.sign_in("anna")
        text = words_of(visitor.ask("/editions/1/history").text)
    assert text.index("approve") < text.index("compose")


def test_a_checked_draft_shows_its_size_findings_and_audience(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.compose()
    with desk_of(work) as site:
        assert "not checked yet not checked yet" in words_of(site.ask("/editions").text)
        work.app.newsroom.proofs.examine(1, by=OPERATOR)
        checked = words_of(site.ask("/editions").text)
        assert re.search(r"\b1 [\d.]+ KB (none|\d warnings?|\d errors?).* 3 ", checked)
        assert work.run("compose", "--subject", "Another one").code == 0
        assert "not checked yet not checked yet" in words_of(site.ask("/editions").text)


def test_the_last_edition_shows_what_became_of_its_mails(work: Desk) -> None:
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    for command in ("compose", "approve"):
        assert work.run(command).code == 0
    assert work.send().code == 0
    with desk_of(work) as site:
        last = words_of(site.ask("/").text).partition("Last edition")[2]
    assert "Mails 3 Sent 3 Posts 1" in last


# --- counts that agree ----------------------------------------------------------------------------


def test_every_place_says_the_same_number_of_stories(work: Desk) -> None:
    """`compose`, the subject, the list, the preview, and what was sent."""
    for number in range(9):
        work.add_post(f"Story {number} of nine", "News" if number % 2 else "Sport")
    work.add_subscribers(2)
    composed = work.run("compose").out
    stored = edition_from_json(work.edition().snapshot)
    variant = variant_for(stored, general_rule(stored))
    assert variant is not None
    assert variant.count == stored.new_count == 9
    assert "9 stories" in composed
    subject = variant.subject
    assert "8 more" in subject
    with desk_of(work) as site:
        listed = words_of(site.ask("/editions").text)
        assert subject in unescape(site.ask("/editions").text)
        assert subject in words_of(site.ask("/editions/1/preview").text)
    assert re.search(r"\b9 (not checked yet|\d)", listed)
    assert work.run("approve").code == 0
    assert work.send().code == 0
    with desk_of(work) as site:
        listed = words_of(site.ask("/editions").text)
    assert subject in listed
    assert re.search(r"\b9 [\d.]+ KB", listed)


def test_older_stories_are_counted_apart(work: Desk) -> None:
    """A subscriber who missed an edition gets more; the others' mail does not count that."""
    work.add_subscribers(2)
    work.add_post("An old story")
    assert work.run("compose").code == 0
    assert work.run("approve").code == 0
    assert work.send().code == 0
    with work.app.database.write() as connection:
        connection.execute(
            update(subscriptions).where(subscriptions.c.person_id == 1).values(seen_seq=0)
        )
    work.add_post("A new story")
    composed = work.run("compose").out
    assert "1 story (and 1 older for those who missed an edition)" in composed
    with desk_of(work) as site:
        assert "1 and 1 older" in words_of(site.ask("/editions").text)
