"""A draft that an earlier version stored and a person approved: this version may send it.

`tests/data/upgrade/approved-draft.sql` is the whole database as commit b9e59fb left it, with the
configuration beside it.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.app.composing import audience_of, rules_of, schedules_of
from digest.app.printing import letter_writer_of
from digest.composer.snapshot import edition_from_json
from digest.errors import Refused
from digest.models import EditionState, Slot, StoredEdition
from digest.newsroom.approve import require_approval
from digest.newsroom.void_approvals import find_void_approvals
from digest.pipeline.audience import AudienceRule
from digest.pipeline.compose import compose
from digest.pipeline.freeze import freeze
from digest.store import editions
from digest.store.engine import Database
from digest.store.migrate import upgrade

_DATA = Path(__file__).parent.parent / "data" / "upgrade"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Return the earlier version's folder, with its database upgraded to the current schema."""
    shutil.copy(_DATA / "approved-draft.toml", tmp_path / "config.toml")
    connection = sqlite3.connect(tmp_path / "digest.db")
    connection.executescript((_DATA / "approved-draft.sql").read_text("utf-8"))
    connection.close()
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    upgrade(database)
    database.close()
    app = App.load(tmp_path / "config.toml")
    yield app
    app.database.close()


def stored_of(app: App) -> StoredEdition:
    with app.database.read() as connection:
        found = editions.get_edition(connection, 1)
    assert found is not None
    return found


def audience(app: App) -> AudienceRule:
    stored = stored_of(app)
    return audience_of(app.config, app.newsletter(), stored.cadence, stored.local_at)


def slot_of(app: App) -> Slot:
    stored = stored_of(app)
    return Slot(local_at=stored.local_at, due_at=stored.due_at)


def send_approved(app: App) -> int:
    """Freeze it as `digest send` and the scheduler do."""
    stored, rule = stored_of(app), audience(app)
    return freeze(
        app.database,
        stored,
        letter_writer_of(app, app.newsletter()),
        rule,
        keys=app.keys,
        now=NOW,
        approved_hash=require_approval(stored, rule, is_review_required=True),
    )


def test_an_approved_draft_of_an_earlier_program_is_frozen_as_it_was_approved(app: App) -> None:
    before = stored_of(app)
    assert send_approved(app) == 2
    after = stored_of(app)
    assert (after.snapshot, after.content_hash) == (before.snapshot, before.content_hash)
    assert after.state is EditionState.SENDING


def test_a_refresh_by_this_program_says_that_the_earlier_programs_approval_is_void(
    app: App,
) -> None:
    newsletter = app.newsletter()
    rules = rules_of(app.config, newsletter)
    schedule = schedules_of(newsletter)["weekly"]
    draft = compose(app.database, rules, schedule, now=NOW, slot=slot_of(app))
    # It has fewer quotes below each post, and says so of every post.
    assert (draft.edition_id, draft.is_changed, draft.is_void) == (1, True, True)
    with pytest.raises(Refused, match="waits for approval"):
        send_approved(app)


def test_a_second_refresh_that_changes_nothing_keeps_the_approval(app: App) -> None:
    newsletter = app.newsletter()
    rules = rules_of(app.config, newsletter)
    schedule = schedules_of(newsletter)["weekly"]
    again = [compose(app.database, rules, schedule, now=NOW, slot=slot_of(app)) for _ in range(2)]
    assert [draft.is_changed for draft in again] == [True, False]


def test_a_refresh_that_changes_the_words_voids_the_earlier_programs_approval(app: App) -> None:
    newsletter = app.newsletter()
    changed = newsletter.model_copy(update={"editor": "Cyril Vane"})
    rules = rules_of(app.config, changed)
    schedule = schedules_of(newsletter)["weekly"]
    compose(app.database, rules, schedule, now=NOW, slot=slot_of(app))
    with pytest.raises(Refused, match="waits for approval"):
        send_approved(app)


def test_another_audience_voids_the_earlier_programs_approval(app: App) -> None:
    wider = replace(audience(app), max_window=timedelta(weeks=9))
    with pytest.raises(Refused, match="its audience changed"):
        require_approval(stored_of(app), wider, is_review_required=True)


def test_the_earlier_programs_edition_is_read_whole(app: App) -> None:
    stored = stored_of(app)
    assert "format" not in json.loads(stored.snapshot)
    edition = edition_from_json(stored.snapshot)
    assert edition.masthead == rules_of(app.config, app.newsletter()).masthead
    assert [story.title for story in edition.stories] == [
        "A bridge is mended",
        "A mill turns again",
        "A ferry is late",
    ]
    assert [story.is_count_known for story in edition.stories] == [True, False, False]
    assert [quote.name for quote in edition.stories[0].quotes] == ["Ruth Adeyemi"]


def test_an_upgrade_names_no_approval_that_is_still_valid(app: App) -> None:
    assert find_void_approvals(app, app.database) == ()


def test_an_upgrade_names_an_approval_that_became_void(app: App) -> None:
    changed = app.newsletter().model_copy(update={"max_window": timedelta(weeks=9)})
    other = App(app.config.model_copy(update={"newsletters": (changed,)}))
    (reason,) = find_void_approvals(other, app.database)
    assert "edition 1: its audience changed after its approval" in reason
    assert "`digest approve 1`" in reason
    other.database.close()
