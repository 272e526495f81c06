"""The freeze with a real store: who gets a row, of which variant, and when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json
from digest.errors import NothingToDo, Refused
from digest.models import (
    Answered,
    AuditEntry,
    CommentChanges,
    CommentKind,
    CommentSource,
    ParsedComment,
    Quote,
    Reason,
    Slot,
    SourceKind,
    StoredEdition,
    Story,
)
from digest.pipeline.audience import approval_hash
from digest.store import comment_sources, comments, drafts
from digest.store.audit import entries_of
from digest.store.engine import Database
from digest.store.tables import deliveries, editions, variants
from tests.support.paper import Paper, audience_of

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
SLOT = Slot(local_at="2026-11-23T07:00", due_at=datetime(2026, 11, 23, 7, tzinfo=UTC))


@pytest.fixture
def paper(database: Database) -> Paper:
    """Return a newsletter with one post in each of two sections."""
    found = Paper(database, NOW)
    found.collect()
    for section in ("news", "security"):
        found.documents.publish(
            f"https://paper.example/{section}", f"Tale-{section}", NOW, Random(1)
        )
    found.collect()
    return found


def composed(paper: Paper, cadence: str = "weekly") -> int:
    edition_id = paper.compose(cadence, SLOT)
    assert edition_id is not None
    return edition_id


def rows(paper: Paper, *columns: Any) -> list[Any]:
    query = select(*columns).select_from(
        deliveries.join(variants, variants.c.id == deliveries.c.variant_id)
    )
    with paper.database.read() as connection:
        return list(connection.execute(query.order_by(deliveries.c.subscriber_id)).all())


def test_each_subscriber_gets_the_mail_at_their_own_hour(paper: Paper) -> None:
    wishes: dict[str, dict[str, object]] = {
        "home": {},
        "east": {"zone": "Pacific/Kiritimati"},
        "west": {"zone": "America/New_York"},
        "late": {"zone": "America/New_York", "hour": 21},
        "lost": {"zone": "Atlantis/Capital"},
    }
    for name in wishes:
        paper.join(name, (), "", None)
        paper.change(name, **wishes[name])
    assert paper.freeze(composed(paper), local_at=SLOT.local_at) == 5
    hours = [row.not_before - SLOT.due_at for row in rows(paper, deliveries.c.not_before)]
    assert [each / timedelta(hours=1) for each in hours] == [0, -14, 5, 19, 0]


def test_an_hour_in_the_past_counts_as_now(paper: Paper) -> None:
    paper.join("east", (), "", None)
    paper.change("east", zone="Pacific/Kiritimati", hour=3)
    paper.freeze(composed(paper), local_at=SLOT.local_at)
    assert rows(paper, deliveries.c.not_before) == [(NOW,)]


def test_at_once_means_every_zone_and_the_approval_still_holds(paper: Paper) -> None:
    for name, zone in {"home": "", "west": "America/New_York"}.items():
        paper.join(name, (), "", None)
        paper.change(name, zone=zone)
    stored = paper.stored(composed(paper))
    rule = replace(audience_of("weekly"), local_at=SLOT.local_at)
    approved = approval_hash(stored.content_hash, rule)
    paper.freeze_stored(stored, local_at=SLOT.local_at, is_at_once=True, approved_hash=approved)
    assert rows(paper, deliveries.c.not_before) == [(NOW,), (NOW,)]
    assert (paper.stored(1).first_at, paper.stored(1).approved_hash) == (NOW, approved)


def test_the_first_mail_is_due_at_the_hour_or_later(paper: Paper) -> None:
    paper.join("home", (), "", None)
    paper.freeze(composed(paper), not_before=SLOT.due_at + timedelta(days=1))
    assert paper.stored(1).first_at == SLOT.due_at + timedelta(days=1)


def test_zones_do_not_split_subscribers_of_one_mail_time(paper: Paper) -> None:
    for name, zone in {"home": "", "east": "Pacific/Kiritimati"}.items():
        paper.join(name, (), "", None)
        paper.change(name, zone=zone)
    paper.freeze(composed(paper), not_before=SLOT.due_at)
    assert rows(paper, deliveries.c.not_before) == [(SLOT.due_at,), (SLOT.due_at,)]


def test_an_edition_goes_to_the_subscribers_of_its_cadence(paper: Paper) -> None:
    for name, cadence in {"a": "weekly", "b": "daily", "c": "", "d": "gone"}.items():
        paper.join(name, (), cadence, None)
    assert paper.freeze(composed(paper, "daily")) == 1
    assert rows(paper, deliveries.c.subscriber_id) == [(2,)]
    assert paper.freeze(composed(paper)) == 3


def test_numbers_count_over_all_cadences_and_a_draft_keeps_its_own(paper: Paper) -> None:
    paper.join("a", (), "", None)
    composed(paper, "daily")
    paper.freeze(composed(paper))
    composed(paper, "daily")
    composed(paper, "monthly")
    with paper.database.read() as connection:
        found = connection.execute(select(editions.c.cadence, editions.c.number)).all()
    assert {(row.cadence, row.number) for row in found} == {
        ("daily", 1),
        ("weekly", 2),
        ("monthly", 3),
    }


def test_content_that_differs_from_the_approved_is_not_sent(paper: Paper) -> None:
    paper.join("a", (), "", None)
    with pytest.raises(Refused, match="it changed after its approval"):
        paper.freeze(composed(paper), approved_hash="of something else")
    assert rows(paper, deliveries.c.id) == []


def test_approved_content_and_audience_are_frozen_and_named(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored = paper.stored(composed(paper))
    approved = approval_hash(stored.content_hash, audience_of(stored.cadence))
    assert paper.freeze(stored.id, approved_hash=approved) == 1
    assert paper.stored(stored.id).approved_hash == approved


def test_content_that_was_approved_for_another_audience_is_not_sent(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored = paper.stored(composed(paper))
    other = replace(audience_of(stored.cadence), max_variants=3)
    with pytest.raises(Refused, match="it changed after its approval"):
        paper.freeze(stored.id, approved_hash=approval_hash(stored.content_hash, other))


def test_a_second_freeze_writes_nothing(paper: Paper) -> None:
    paper.join("a", (), "", None)
    edition_id = composed(paper)
    stored = paper.stored(edition_id)
    paper.freeze(edition_id)
    with pytest.raises(Refused, match="changed or sent it meanwhile"):
        paper.freeze_stored(stored)
    assert len(rows(paper, deliveries.c.id)) == 1


def test_without_subscribers_the_draft_stays_unchanged(paper: Paper) -> None:
    paper.join("a", ("Culture",), "", None)
    edition_id = composed(paper)
    with pytest.raises(NothingToDo, match="no subscriber would get it"):
        paper.freeze_stored(paper.stored(edition_id))
    assert paper.stored(edition_id).state == "draft"


def test_a_slot_whose_edition_was_sent_is_not_composed_again(paper: Paper) -> None:
    paper.join("a", (), "", None)
    paper.freeze(composed(paper))
    paper.documents.publish("https://paper.example/news", "Tale-more", NOW, Random(1))
    paper.collect()
    assert paper.compose("weekly", SLOT) is None


def test_a_subscriber_who_joins_a_cadence_after_its_draft_misses_nothing(paper: Paper) -> None:
    for name, cadence in {"a": "weekly", "b": "daily"}.items():
        paper.join(name, (), cadence, 0)
    paper.freeze(composed(paper, "daily"))
    paper.send()
    paper.documents.publish("https://paper.example/news", "Tale-more", NOW, Random(1))
    paper.collect()
    tomorrow = Slot(local_at="2026-11-24T07:00", due_at=SLOT.due_at + timedelta(days=1))
    draft = paper.compose("daily", tomorrow)
    assert draft is not None
    paper.now += timedelta(days=1)
    paper.change("a", cadence="daily")
    assert paper.freeze(draft) == 1
    assert [mailed.posts for mailed in paper.send()] == [("Tale-more",)]
    paper.documents.publish("https://paper.example/culture", "Tale-last", NOW, Random(1))
    paper.collect()
    after = Slot(local_at="2026-11-25T07:00", due_at=SLOT.due_at + timedelta(days=2))
    draft = paper.compose("daily", after)
    assert draft is not None
    paper.freeze(draft)
    assert {mailed.subscriber: sorted(mailed.posts) for mailed in paper.send()} == {
        "a": ["Tale-last", "Tale-more", "Tale-news", "Tale-security"],
        "b": ["Tale-last"],
    }


def test_each_subscriber_gets_the_letter_in_their_own_language_and_size(paper: Paper) -> None:
    wishes: dict[str, dict[str, object]] = {
        "plain": {},
        "german": {"language": "de-AT"},
        "large": {"text_size": "large"},
        "klingon": {"language": "tlh", "text_size": "huge"},
    }
    for name in wishes:
        paper.join(name, (), "", None)
        paper.change(name, **wishes[name])
    assert paper.freeze(composed(paper)) == 4
    looks = rows(paper, variants.c.id, variants.c.language, variants.c.text_size)
    assert [tuple(row[1:]) for row in looks] == [
        ("", "normal"),
        ("de-AT", "normal"),
        ("", "large"),
        ("", "normal"),
    ]
    assert looks[0].id == looks[3].id
    subjects = [row.subject for row in rows(paper, variants.c.subject)]
    assert [" weiterer" in subject for subject in subjects] == [False, True, False, False]


# --- what its site has removed ------------------------------------------------------------------


def quoted(paper: Paper, *, answers: bool = False) -> tuple[StoredEdition, CommentSource]:
    """Return a draft that quotes two comments of its first story, and their source."""
    stored = paper.stored(composed(paper))
    edition = edition_from_json(stored.snapshot)
    first, *others = edition.stories
    said = [said_by("Anna", "comment-1"), said_by("Ben", "comment-2", "comment-1")]
    with paper.database.write() as connection:
        source = comment_sources.open_source(
            connection, first.post_id, SourceKind.REST, "https://paper.example/rest"
        )
        found = CommentChanges(own=tuple(said), gone=frozenset(), new=2)
        comments.save_changes(connection, source, found, now=NOW)
        under = comments.comments_of(connection, [first.post_id])[first.post_id]
        quotes = tuple(
            Quote(
                comment_id=each.id,
                name=each.author,
                text=each.text,
                url=each.url,
                reason=Reason(code="on-matter", text="on the matter"),
                answers=Answered(name="Anna", text="Anna has seen the ships, and the quay.")
                if answers and each.parent_id
                else None,
            )
            for each in under
        )
        story = replace(first, quotes=quotes, comment_count=2)
        snapshot = edition_to_json(replace(edition, stories=(story, *others)))
        drafts.replace_snapshot(connection, stored, snapshot, content_hash(snapshot))
    return paper.stored(stored.id), source


def said_by(name: str, external_id: str, parent_id: str = "") -> ParsedComment:
    return ParsedComment(
        external_id=external_id,
        parent_id=parent_id,
        author=name,
        posted_at=NOW,
        text=f"{name} has seen the ships come late, again and again, and said nothing of it.",
        kind=CommentKind.COMMENT,
    )


def remove(paper: Paper, source: CommentSource, *external_ids: str) -> None:
    changes = CommentChanges(own=(), gone=frozenset(external_ids), new=0)
    with paper.database.write() as connection:
        comments.save_changes(connection, source, changes, now=NOW)


def first_story(paper: Paper, edition_id: int) -> Story:
    return edition_from_json(paper.stored(edition_id).snapshot).stories[0]


def approval_of(stored: StoredEdition) -> str:
    return approval_hash(stored.content_hash, audience_of(stored.cadence))


def test_a_removed_comment_is_taken_out_under_the_approval(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored, source = quoted(paper)
    remove(paper, source, "comment-2")
    audit = AuditEntry(
        at=NOW, actor="cli", action="freeze", newsletter="", edition_id=stored.id, detail=""
    )
    assert paper.freeze(stored.id, approved_hash=approval_of(stored), audit=audit) == 1
    story = first_story(paper, stored.id)
    assert ([quote.name for quote in story.quotes], story.comment_count) == (["Anna"], 1)
    assert [each.reason.code for each in story.not_quoted][-1] == "removed"
    assert paper.stored(stored.id).approved_hash == approval_of(paper.stored(stored.id))
    with paper.database.read() as connection:
        (entry,) = entries_of(connection, stored.id)
    assert entry.detail.startswith("removed by the site and taken out: comment")


def test_with_an_answered_comment_go_its_words_above_the_answer(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored, source = quoted(paper, answers=True)
    remove(paper, source, "comment-1")
    assert paper.freeze(stored.id, approved_hash=approval_of(stored)) == 1
    (quote,) = first_story(paper, stored.id).quotes
    assert (quote.name, quote.answers) == ("Ben", None)


def test_a_comment_that_became_a_placeholder_is_taken_out(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored, source = quoted(paper)
    gone = replace(said_by("Ben", "comment-2"), text="[Comment removed by moderator]")
    changes = CommentChanges(own=(gone,), gone=frozenset(), new=0)
    with paper.database.write() as connection:
        comments.save_changes(connection, source, changes, now=NOW)
    assert paper.freeze(stored.id, approved_hash=approval_of(stored)) == 1
    assert [quote.name for quote in first_story(paper, stored.id).quotes] == ["Anna"]


def test_nothing_changes_where_nothing_was_removed(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored, _ = quoted(paper)
    assert paper.freeze(stored.id, approved_hash=approval_of(stored)) == 1
    assert paper.stored(stored.id).content_hash == stored.content_hash


def test_any_other_change_beside_a_removal_voids_the_approval(paper: Paper) -> None:
    paper.join("a", (), "", None)
    stored, source = quoted(paper)
    approved = approval_of(stored)
    remove(paper, source, "comment-2")
    changed = stored.snapshot.replace("Anna has seen", "Anna had seen")
    with paper.database.write() as connection:
        drafts.replace_snapshot(connection, stored, changed, content_hash(changed))
    with pytest.raises(Refused, match="it changed after its approval"):
        paper.freeze(stored.id, approved_hash=approved)
