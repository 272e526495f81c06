"""An editor's choices in a real store: stored, obeyed, and no subscriber loses a post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, select

from digest.models import Choice, EditorChanges, Slot
from digest.pipeline.choosing import record_choices
from digest.sender.attempt import Fate
from digest.store import choices
from digest.store.choices import CadenceName
from digest.store.engine import Database
from digest.store.posts import posts_between
from digest.store.tables import posts
from tests.support.paper import NAME, Paper

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
WEEKLY = CadenceName(NAME, "weekly")


@pytest.fixture
def paper(database: Database) -> Paper:
    """Return a newsletter without posts."""
    found = Paper(database, NOW)
    found.collect()
    return found


@pytest.fixture
def connection(paper: Paper) -> Iterator[Connection]:
    """Return a connection to its database, with the posts 1 to 3."""
    publish(paper, news=("a", "b", "c"))
    with paper.database.write() as connection:
        yield connection


def publish(paper: Paper, **sections: tuple[str, ...]) -> None:
    for section, names in sections.items():
        for name in names:
            paper.documents.publish(
                f"https://paper.example/{section}", f"Tale-{name}", paper.now, Random(1)
            )
    paper.collect()


def slot(week: int = 0, *, day: int = 0) -> Slot:
    due_at = datetime(2026, 11, 23, 7, tzinfo=UTC) + timedelta(weeks=week, days=day)
    return Slot(local_at=due_at.strftime("%Y-%m-%dT%H:%M"), due_at=due_at)


def post_id(paper: Paper, name: str) -> int:
    with paper.database.read() as connection:
        found = connection.scalar(select(posts.c.id).where(posts.c.title == f"Tale-{name}"))
    assert found is not None
    return int(found)


def keep(paper: Paper, name: str, at: Slot, cadence: str = "weekly") -> None:
    changes = EditorChanges(next_time=(post_id(paper, name),))
    with paper.database.write() as connection:
        record_choices(connection, NAME, changes, skips=f"{cadence}/{at.local_at}")


def publish_edition(paper: Paper, at: Slot, cadence: str = "weekly") -> Counter[tuple[str, str]]:
    """Compose, freeze and send an edition; return the posts that each subscriber got."""
    edition_id = paper.compose(cadence, at)
    if edition_id is None or paper.freeze(edition_id) == 0:
        return Counter()
    return Counter(
        (mailed.subscriber, post.removeprefix("Tale-"))
        for mailed in paper.send()
        for post in mailed.posts
        if mailed.fate is Fate.SENT
    )


# --- stored -------------------------------------------------------------------------------------


def test_a_choice_is_read_back_unchanged(connection: Connection) -> None:
    whole = Choice(
        pinned=2, is_dropped=True, skips="weekly/2026-11-23T07:00", title="A line", excerpt="",
        image_alt="A ferry", quotes=(7, 5),
    )  # fmt: skip
    choices.save_choice(connection, NAME, 1, Choice(pinned=1))
    choices.save_choice(connection, NAME, 1, whole)
    choices.save_choice(connection, NAME, 2, Choice(quotes=()))
    choices.save_choice(connection, "another", 3, Choice(pinned=9))
    assert choices.read_choices(connection, NAME) == {1: whole, 2: Choice(quotes=())}
    assert choices.last_place(connection, NAME) == 2


def test_a_cleared_choice_is_forgotten(connection: Connection) -> None:
    choices.save_choice(connection, NAME, 1, Choice(pinned=1))
    choices.clear(connection, NAME, (1, 2))
    assert choices.read_choices(connection, NAME) == {}
    assert choices.last_place(connection, NAME) == 0


def test_a_new_order_replaces_the_former_and_keeps_words_and_quotes(connection: Connection) -> None:
    choices.save_choice(connection, NAME, 1, Choice(is_dropped=True, title="A line", quotes=(5,)))
    record_choices(connection, NAME, EditorChanges(pin=(3, 1)), skips="")
    assert choices.read_choices(connection, NAME) == {
        1: Choice(pinned=2, title="A line", quotes=(5,)),
        3: Choice(pinned=1),
    }


# --- next time ----------------------------------------------------------------------------------


def test_a_carried_post_is_in_the_window_of_its_cadence_only(connection: Connection) -> None:
    choices.carry_over(connection, WEEKLY, (1,))
    windows = {
        name: [(post.id, post.seq) for post in posts_between(connection, 2, 9, None, name)]
        for name in (None, WEEKLY, CadenceName(NAME, "daily"), CadenceName("other", "weekly"))
    }
    assert windows.pop(WEEKLY) == [(3, 3), (1, 4)]
    assert all(found == [(3, 3)] for found in windows.values())
    assert posts_between(connection, 0, 1, None, WEEKLY) == ()


def test_a_post_carried_twice_keeps_its_last_place(connection: Connection) -> None:
    choices.carry_over(connection, WEEKLY, (1, 2))
    choices.carry_over(connection, WEEKLY, (1,))
    assert choices.carried_seqs(connection, WEEKLY) == {1: 6, 2: 5}


def test_a_post_kept_for_next_time_is_mailed_once_to_its_whole_section(paper: Paper) -> None:
    paper.join("all", (), "weekly", 0)
    paper.join("news", ("News",), "weekly", 0)
    paper.join("culture", ("Culture",), "weekly", 0)
    paper.join("failing", (), "weekly", 0)
    paper.mail.moods["failing@example.org"] = Fate.REFUSED
    publish(paper, news=("kept", "told"), culture=("c1",))
    keep(paper, "kept", slot())
    first = publish_edition(paper, slot())
    assert ("all", "told") in first
    assert all(post != "kept" for _, post in first)
    paper.mail.moods.clear()
    paper.join("late", ("News",), "weekly", None)
    paper.now += timedelta(weeks=1)
    publish(paper, news=("new",))
    second = publish_edition(paper, slot(1))
    kept = {subscriber for subscriber, post in second if post == "kept"}
    assert kept == {"all", "news", "failing", "late"}
    paper.now += timedelta(weeks=1)
    publish(paper, news=("newer",))
    total = first + second + publish_edition(paper, slot(2))
    assert max(total.values()) == 1
    assert total["failing", "told"] == 1


def test_a_subscriber_who_failed_that_week_gets_the_kept_post_a_week_later(paper: Paper) -> None:
    paper.join("subscriber", (), "weekly", 0)
    publish(paper, news=("kept", "told"))
    keep(paper, "kept", slot())
    publish_edition(paper, slot())
    paper.mail.moods["subscriber@example.org"] = Fate.REFUSED
    publish(paper, news=("new",))
    assert publish_edition(paper, slot(1)) == Counter()
    paper.mail.moods.clear()
    publish(paper, news=("newer",))
    assert {post for _, post in publish_edition(paper, slot(2))} == {"kept", "new", "newer"}


def test_a_post_may_be_kept_repeatedly(paper: Paper) -> None:
    paper.join("subscriber", (), "weekly", 0)
    publish(paper, news=("kept", "a"))
    mailed = Counter[tuple[str, str]]()
    for week, name in enumerate("bcd"):
        if week < 2:
            keep(paper, "kept", slot(week))
        mailed += publish_edition(paper, slot(week))
        assert mailed["subscriber", "kept"] == (week == 2)
        publish(paper, news=(name,))
    assert publish_edition(paper, slot(3)) == Counter({("subscriber", "d"): 1})


def test_without_an_edition_the_kept_post_still_comes_with_the_next(paper: Paper) -> None:
    paper.join("subscriber", (), "weekly", 0)
    publish(paper, news=("kept",))
    keep(paper, "kept", slot())
    assert publish_edition(paper, slot()) == Counter()
    assert publish_edition(paper, slot(1)) == Counter({("subscriber", "kept"): 1})


def test_a_cancelled_edition_carries_nothing_twice(paper: Paper) -> None:
    paper.join("subscriber", (), "weekly", 0)
    publish(paper, news=("kept", "told"))
    keep(paper, "kept", slot())
    edition_id = paper.compose("weekly", slot())
    assert edition_id is not None
    paper.freeze(edition_id)
    paper.cancel(edition_id)
    assert publish_edition(paper, slot(1)) == Counter(
        {("subscriber", "kept"): 1, ("subscriber", "told"): 1}
    )
    publish(paper, news=("new",))
    assert publish_edition(paper, slot(2)) == Counter({("subscriber", "new"): 1})


def test_another_cadence_sends_the_post_once_at_its_own_time(paper: Paper) -> None:
    paper.join("weekly", (), "weekly", 0)
    paper.join("daily", (), "daily", 0)
    publish(paper, news=("kept", "told"))
    keep(paper, "kept", slot())
    assert publish_edition(paper, slot(), "daily")["daily", "kept"] == 1
    publish_edition(paper, slot())
    publish(paper, news=("new",))
    assert publish_edition(paper, slot(day=1), "daily") == Counter({("daily", "new"): 1})
    assert publish_edition(paper, slot(1)) == Counter({("weekly", "kept"): 1, ("weekly", "new"): 1})


def test_words_of_an_editor_travel_to_later_editions(paper: Paper) -> None:
    paper.join("subscriber", (), "weekly", 0)
    publish(paper, news=("kept", "told"))
    with paper.database.write() as connection:
        retitled = Choice(title="Tale-retitled")
        choices.save_choice(connection, NAME, post_id(paper, "kept"), retitled)
    keep(paper, "kept", slot())
    publish_edition(paper, slot())
    assert publish_edition(paper, slot(1)) == Counter({("subscriber", "retitled"): 1})
