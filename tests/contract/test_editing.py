"""An editor's changes of a draft in a real store: one at a time, never lost, and undone exactly."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import select, update

from digest.composer.snapshot import edition_from_json
from digest.errors import NothingToDo, Refused, StaleDraft, UsageError
from digest.models import (
    NO_POLL,
    Edition,
    EditorChanges,
    Move,
    Poll,
    PostText,
    Quoting,
    Rewrite,
    Slot,
    Step,
    Trim,
)
from digest.pipeline.compose import Draft, Editing, compose
from digest.store import choices, edits
from digest.store.audit import entries_of
from digest.store.engine import Connection, Database
from digest.store.tables import comment_sources, comments, post_categories, posts
from tests.support.paper import NAME, SCHEDULES, Paper, rules_of

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 7, tzinfo=UTC)
SLOT = Slot(local_at="2026-11-23T07:00", due_at=DUE)
SAYING = (
    "The bridge was closed for years. Nobody mended it then. Now it stands again for all of us."
)


class _First(Random):
    """Puts each post at the beginning of its feed, where the newest are."""

    def randint(self, a: int, b: int) -> int:
        return min(a, b)


class Desk:
    """The draft of the first edition, with the posts a to d in News and e in Culture."""

    def __init__(self, database: Database) -> None:
        self.paper = Paper(database, NOW)
        self.paper.collect()
        self.publish("news", "a", "b", "c", "d")
        self.publish("culture", "e")
        self.draft = self.change(EditorChanges(), keeps=False)

    def publish(self, section: str, *names: str) -> None:
        for name in names:
            url = f"https://paper.example/{section}"
            self.paper.documents.publish(url, f"Tale-{name}", NOW, _First())
        self.paper.collect()

    def change(
        self,
        changes: EditorChanges,
        *,
        seen: int | None = None,
        step: Step = Step.EDIT,
        keeps: bool = True,
        cadence: str = "weekly",
    ) -> Draft:
        return compose(
            self.paper.database,
            rules_of(cadence),
            SCHEDULES[cadence],
            now=NOW,
            slot=SLOT,
            changes=changes,
            editing=Editing(step=step, seen=seen, keeps_window=keeps, keeps_draft=keeps),
        )

    def undo(self) -> Draft:
        return self.change(EditorChanges(), step=Step.UNDO)

    def redo(self) -> Draft:
        return self.change(EditorChanges(), step=Step.REDO)

    @property
    def edition(self) -> Edition:
        return edition_from_json(self.paper.stored(self.draft.edition_id).snapshot)

    @property
    def version(self) -> int:
        return self.paper.stored(self.draft.edition_id).version

    def post(self, name: str) -> int:
        with self.paper.database.read() as connection:
            found = connection.scalar(select(posts.c.id).where(posts.c.title == f"Tale-{name}"))
        assert found is not None
        return int(found)

    def order(self, section: str = "News") -> str:
        edition = self.edition
        return "".join(
            story.title.removeprefix("Tale-")
            for story in edition.stories
            if story.home_in(edition.categories) == section
        )

    def comment(self, name: str, text: str) -> int:
        with self.paper.database.write() as connection:
            source = connection.scalar(
                comment_sources.insert()
                .values(post_id=self.post(name), kind="feed", url=f"https://paper.example/{name}/c")
                .returning(comment_sources.c.id)
            )
            found = connection.scalar(
                comments.insert()
                .values(
                    post_id=self.post(name),
                    source_id=source,
                    external_id=f"{name}-1",
                    parent_external_id="",
                    author="Ruth Adeyemi",
                    text=text,
                    kind="comment",
                    url="",
                    first_seen_at=NOW,
                )
                .returning(comments.c.id)
            )
        assert found is not None
        return int(found)


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a draft to edit."""
    return Desk(database)


def _row(connection: Connection, post_id: int) -> tuple[object, ...]:
    columns = (posts.c.seq, posts.c.mailable, posts.c.reason, posts.c.first_seen_at)
    row = connection.execute(select(*columns).where(posts.c.id == post_id)).one()
    return tuple(row)


# --- places and sections ------------------------------------------------------------------------


def test_a_moved_story_keeps_its_place_when_better_ones_come(desk: Desk) -> None:
    assert desk.order() == "abcd"
    desk.change(EditorChanges(move=(Move(post_id=desk.post("d"), place=1),)))
    assert desk.order() == "adbc"
    desk.publish("news", "f")
    desk.change(EditorChanges(), keeps=False)
    assert desk.order().index("d") == 1


def test_the_order_after_many_moves_is_the_one_that_was_asked_for(desk: Desk) -> None:
    for name, place in (("d", 1), ("c", 1), ("b", 3)):
        desk.change(EditorChanges(move=(Move(post_id=desk.post(name), place=place),)))
    assert desk.order() == "acdb"
    desk.change(EditorChanges(move=(Move(post_id=desk.post("c"), place=2),)))
    assert desk.order() == "adcb"


def test_a_promoted_story_leads_and_the_one_before_stays_in_its_section(desk: Desk) -> None:
    desk.change(EditorChanges(lead=(desk.post("c"),)))
    desk.change(EditorChanges(lead=(desk.post("e"),)))
    assert desk.edition.stories[0].title == "Tale-e"
    assert desk.order() == "cabd"


def test_a_story_in_another_section_is_still_in_that_of_its_category(desk: Desk) -> None:
    desk.change(EditorChanges(move=(Move(post_id=desk.post("b"), section="Culture"),)))
    assert (desk.order(), desk.order("Culture")) == ("acd", "eb")
    story = next(each for each in desk.edition.stories if each.title == "Tale-b")
    assert story.home_in(("News",)) == "News"


def test_a_post_that_no_section_takes_is_brought_in_by_naming_one(desk: Desk) -> None:
    with desk.paper.database.write() as connection:
        connection.execute(
            update(post_categories)
            .where(post_categories.c.post_id == desk.post("e"))
            .values(category="Chess")
        )
    desk.change(EditorChanges(), keeps=False)
    assert desk.order("Culture") == ""
    desk.change(EditorChanges(move=(Move(post_id=desk.post("e"), section="Culture"),)))
    assert desk.order("Culture") == "e"


# --- texts and quotes ---------------------------------------------------------------------------


def test_texts_are_replaced_and_reset_one_by_one(desk: Desk) -> None:
    post_id = desk.post("a")
    for what in PostText:
        desk.change(
            EditorChanges(rewrite=(Rewrite(post_id=post_id, what=what, text="New words."),))
        )
    story = desk.edition.stories[0]
    assert (story.title, story.excerpt, story.lead_excerpt) == ("New words.",) * 3
    reset = Rewrite(post_id=post_id, what=PostText.TITLE, text=None)
    desk.change(EditorChanges(rewrite=(reset,)))
    assert desk.edition.stories[0].title == "Tale-a"
    assert desk.edition.stories[0].excerpt == "New words."


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "a story needs a title"), ("x" * 301, "301 characters; shorten it to at most 300")],
)
def test_a_title_is_neither_empty_nor_endless(desk: Desk, text: str, words: str) -> None:
    rewrite = Rewrite(post_id=desk.post("a"), what=PostText.TITLE, text=text)
    with pytest.raises(UsageError, match=words):
        desk.change(EditorChanges(rewrite=(rewrite,)))
    assert desk.version == 0


def test_a_quote_is_picked_and_shortened_in_the_words_of_its_comment(desk: Desk) -> None:
    number = desk.comment("a", SAYING)
    post_id = desk.post("a")
    desk.change(EditorChanges(quote=(Quoting(post_id=post_id, comment_ids=(number,)),)))
    trim = Trim(
        post_id=post_id,
        comment_id=number,
        text="The bridge was closed for years. … Now it stands again for all of us.",
    )
    desk.change(EditorChanges(trim=(trim,)))
    (quote,) = desk.edition.stories[0].quotes
    assert quote.text == trim.text
    desk.undo()
    assert desk.edition.stories[0].quotes[0].text == SAYING


@pytest.mark.parametrize(
    "text", ["The bridge was opened.", "Nobody mended the bridge", "ridge was"]
)
def test_no_words_are_put_into_anybodys_mouth(desk: Desk, text: str) -> None:
    number = desk.comment("a", SAYING)
    trim = Trim(post_id=desk.post("a"), comment_id=number, text=text)
    with pytest.raises(UsageError, match="the comment does not say"):
        desk.change(EditorChanges(trim=(trim,)))


def test_a_comment_of_another_post_cannot_be_picked(desk: Desk) -> None:
    number = desk.comment("b", SAYING)
    with pytest.raises(UsageError, match=f"it has no comment {number}"):
        desk.change(EditorChanges(quote=(Quoting(post_id=desk.post("a"), comment_ids=(number,)),)))


def test_a_poll_is_typed_left_out_and_reset(desk: Desk) -> None:
    asked = Poll(question="Which  way?", choices=("Left", "Right", " "))
    desk.change(EditorChanges(poll=asked))
    assert desk.edition.masthead.poll == Poll(question="Which way?", choices=("Left", "Right"))
    desk.change(EditorChanges(poll=NO_POLL))
    assert not desk.edition.masthead.poll
    desk.change(EditorChanges(poll=asked))
    desk.change(EditorChanges(resets_poll=True))
    assert desk.edition.masthead.poll == rules_of("weekly").masthead.poll
    with pytest.raises(UsageError, match="two to five answers"):
        desk.change(EditorChanges(poll=Poll(question="Which?", choices=("Left",))))


# --- versions -----------------------------------------------------------------------------------


def test_a_change_that_saw_an_older_version_is_refused_and_stores_nothing(desk: Desk) -> None:
    desk.change(EditorChanges(subject="Theirs"), seen=0)
    with pytest.raises(StaleDraft) as stale:
        desk.change(EditorChanges(subject="Mine"), seen=0)
    assert (stale.value.version, desk.edition.subject) == (1, "Theirs")
    desk.change(EditorChanges(subject="Mine"), seen=1)
    assert desk.edition.subject == "Mine"


def test_of_many_changes_at_once_that_saw_the_same_draft_one_is_stored(desk: Desk) -> None:
    def change(number: int) -> bool:
        try:
            desk.change(EditorChanges(subject=f"Subject {number}"), seen=0)
        except StaleDraft:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(change, range(4)))
    assert stored.count(True) == 1
    assert (desk.version, desk.edition.subject) == (1, f"Subject {stored.index(True)}")


def test_changes_at_once_that_saw_nothing_are_all_in_the_draft(desk: Desk) -> None:
    names = "abcd"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: desk.change(EditorChanges(drop=(desk.post(name),))), names))
    assert (desk.version, desk.order(), desk.order("Culture")) == (4, "", "e")


def test_a_change_of_one_draft_counts_in_every_draft_of_the_newsletter(desk: Desk) -> None:
    desk.change(EditorChanges(), keeps=False, cadence="daily")
    rewrite = Rewrite(post_id=desk.post("a"), what=PostText.TITLE, text="Theirs")
    desk.change(EditorChanges(rewrite=(rewrite,)), cadence="daily")
    with pytest.raises(StaleDraft):
        desk.change(EditorChanges(drop=(desk.post("b"),)), seen=0)


def test_what_changes_nothing_is_no_change(desk: Desk) -> None:
    desk.change(EditorChanges(subject="Ours"))
    desk.change(EditorChanges(subject=" Ours"))
    desk.change(EditorChanges(unmark=(desk.post("a"),)))
    assert desk.version == 1


# --- undo ---------------------------------------------------------------------------------------

CHANGES: list[Callable[[Desk], EditorChanges]] = [
    lambda d: EditorChanges(drop=(d.post("a"),)),
    lambda d: EditorChanges(next_time=(d.post("b"),)),
    lambda d: EditorChanges(pin=(d.post("c"), d.post("d"))),
    lambda d: EditorChanges(lead=(d.post("e"),)),
    lambda d: EditorChanges(move=(Move(post_id=d.post("d"), section="Culture", place=1),)),
    lambda _: EditorChanges(subject="Ours", preheader="And more", intro=("Hello.",)),
    lambda _: EditorChanges(poll=NO_POLL),
    lambda d: EditorChanges(
        rewrite=(Rewrite(post_id=d.post("a"), what=PostText.EXCERPT, text=""),)
    ),
    lambda d: EditorChanges(reset=(d.post("c"),)),
]


def test_every_change_is_undone_and_made_again_exactly(desk: Desk) -> None:
    snapshots = [desk.edition]
    for change in CHANGES:
        desk.change(change(desk))
        snapshots.append(desk.edition)
    for before in reversed(snapshots[:-1]):
        desk.undo()
        assert desk.edition == before
    with pytest.raises(NothingToDo):
        desk.undo()
    for after in snapshots[1:]:
        desk.redo()
        assert desk.edition == after
    with pytest.raises(NothingToDo):
        desk.redo()


def test_a_new_change_ends_what_could_be_made_again(desk: Desk) -> None:
    desk.change(EditorChanges(drop=(desk.post("a"),)))
    desk.undo()
    desk.change(EditorChanges(drop=(desk.post("b"),)))
    with pytest.raises(NothingToDo):
        desk.redo()


def test_an_undo_that_would_lose_the_change_of_another_draft_is_refused(desk: Desk) -> None:
    desk.change(EditorChanges(), keeps=False, cadence="daily")
    for cadence, text in (("weekly", "Ours"), ("daily", "Theirs")):
        rewrite = Rewrite(post_id=desk.post("a"), what=PostText.TITLE, text=text)
        desk.change(EditorChanges(rewrite=(rewrite,)), cadence=cadence)
    with pytest.raises(Refused, match="changed since, in another draft"):
        desk.undo()


def test_an_included_post_goes_back_to_where_it_was(desk: Desk) -> None:
    post_id = desk.post("e")
    with desk.paper.database.write() as connection:
        connection.execute(
            update(posts).where(posts.c.id == post_id).values(mailable=False, reason="archive")
        )
        before = _row(connection, post_id)
    desk.change(EditorChanges(), keeps=False)
    assert desk.order("Culture") == ""
    desk.change(EditorChanges(include=(post_id,)))
    assert desk.order("Culture") == "e"
    desk.undo()
    assert desk.order("Culture") == ""
    with desk.paper.database.read() as connection:
        assert _row(connection, post_id) == before
    desk.redo()
    assert desk.order("Culture") == "e"


def test_an_included_post_that_was_mailed_stays(desk: Desk) -> None:
    post_id = desk.post("e")
    with desk.paper.database.write() as connection:
        connection.execute(
            update(posts).where(posts.c.id == post_id).values(mailable=False, reason="archive")
        )
    desk.change(EditorChanges(), keeps=False)
    desk.change(EditorChanges(include=(post_id,)))
    desk.paper.join("anna", (), "daily", None)
    daily = desk.change(EditorChanges(), keeps=False, cadence="daily")
    assert desk.paper.freeze(daily.edition_id) == 1
    with pytest.raises(Refused, match="in a mail already"):
        desk.undo()


# --- what stays as it was -----------------------------------------------------------------------


def test_a_change_brings_no_post_that_came_since(desk: Desk) -> None:
    desk.publish("news", "f")
    desk.change(EditorChanges(drop=(desk.post("a"),)))
    assert desk.order() == "bcd"
    desk.change(EditorChanges(), keeps=False)
    assert sorted(desk.order()) == ["b", "c", "d", "f"]


def test_a_change_that_would_leave_nothing_is_refused_and_stores_nothing(desk: Desk) -> None:
    everything = tuple(desk.post(name) for name in "abcde")
    with pytest.raises(Refused, match="nothing was stored"):
        desk.change(EditorChanges(drop=everything))
    assert desk.order() == "abcd"
    with desk.paper.database.read() as connection:
        assert not any(each.is_dropped for each in choices.read_choices(connection, NAME).values())
        assert edits.last_done(connection, desk.draft.edition_id) is None


def test_undone_changes_are_forgotten_when_the_edition_is_no_draft(desk: Desk) -> None:
    desk.change(EditorChanges(drop=(desk.post("a"),)))
    with desk.paper.database.write() as connection:
        assert edits.forget_edits(connection) == 0
    desk.paper.cancel(desk.draft.edition_id)
    with desk.paper.database.write() as connection:
        assert edits.forget_edits(connection) == 1


def test_each_change_has_an_audit_row(desk: Desk) -> None:
    desk.change(EditorChanges(drop=(desk.post("a"),)))
    desk.undo()
    with desk.paper.database.read() as connection:
        assert len(entries_of(connection, desk.draft.edition_id)) == 2
