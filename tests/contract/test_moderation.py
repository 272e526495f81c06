"""Decisions about comments, people who are never quoted, and verdicts, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from digest.models import (
    Change,
    Comment,
    CommentKind,
    CommentSource,
    Decision,
    NoQuote,
    ParsedComment,
    PostUpdate,
    SourceKind,
    Verdict,
    VerdictKind,
)
from digest.readers.responses.merge import changes_of
from digest.store import comment_sources, comments, moderation, posts
from digest.store.engine import Database
from digest.store.tables import comment_decisions
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_post

_PRINT = Verdict(kind=VerdictKind.PRINT, reason="calm")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


@pytest.fixture
def source(connection: Connection) -> CommentSource:
    """Return the comment feed of one stored post, with the comments `a` and `b`."""
    feed = open_feed(connection, "https://harbour.example/feed", now=NOW)
    update = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid="1"),
        url_key="",
        content_hash="",
    )
    (post_id,) = posts.save_posts(connection, feed.id, (update,), ("Sea",), now=NOW)
    source = comment_sources.open_source(
        connection, post_id, SourceKind.FEED, "https://harbour.example/1/feed"
    )
    read(connection, source, parsed("a"), parsed("b"))
    return source


def parsed(external_id: str, text: str = "The tide comes at nine.", **fields: str) -> ParsedComment:
    comment = ParsedComment(
        external_id=external_id,
        parent_id="",
        author=f"Anna {external_id}",
        posted_at=NOW,
        text=text,
        kind=CommentKind.COMMENT,
    )
    return replace(comment, **fields)  # type: ignore[arg-type]  # fields named by the test


def read(connection: Connection, source: CommentSource, *listed: ParsedComment) -> None:
    """Store a complete reading of the source."""
    known = comments.known_at(connection, source.post_id)
    changes = changes_of(source, listed, known, is_complete=True)
    comments.save_changes(connection, source, changes, now=NOW)


def stored(connection: Connection, source: CommentSource) -> dict[str, Comment]:
    """Return the stored comments by the last letter of their author."""
    found = comments.comments_of(connection, [source.post_id]).get(source.post_id, ())
    return {comment.author[-1]: comment for comment in found}


def decide(connection: Connection, comment: Comment, decision: Decision) -> None:
    moderation.decide(connection, [comment.id], decision, by="ruth", now=NOW)


def test_a_decision_is_kept_when_the_comment_is_read_again(
    connection: Connection, source: CommentSource
) -> None:
    before = stored(connection, source)
    decide(connection, before["a"], Decision.RELEASED)
    decide(connection, before["b"], Decision.REFUSED)
    read(connection, source, parsed("a"), parsed("b"))
    after = stored(connection, source)
    assert after["a"].decision is Decision.RELEASED
    assert after["b"].decision is Decision.REFUSED


def test_a_decision_is_kept_when_the_site_takes_the_comment_away_and_shows_it_again(
    connection: Connection, source: CommentSource
) -> None:
    decide(connection, stored(connection, source)["a"], Decision.REFUSED)
    read(connection, source, parsed("b"))
    assert set(stored(connection, source)) == {"b"}
    read(connection, source, parsed("a"), parsed("b"))
    assert stored(connection, source)["a"].decision is Decision.REFUSED


@pytest.mark.parametrize("changed", [{"text": "Buy pills."}, {"author": "Best pills a"}])
def test_a_released_comment_that_changes_must_be_looked_at_again(
    connection: Connection, source: CommentSource, changed: dict[str, str]
) -> None:
    decide(connection, stored(connection, source)["a"], Decision.RELEASED)
    read(connection, source, parsed("a", **changed), parsed("b"))
    assert stored(connection, source)["a"].decision is Decision.CHANGED
    decide(connection, stored(connection, source)["a"], Decision.RELEASED)
    assert stored(connection, source)["a"].decision is Decision.RELEASED


def test_a_refused_comment_stays_refused_when_it_changes(
    connection: Connection, source: CommentSource
) -> None:
    decide(connection, stored(connection, source)["a"], Decision.REFUSED)
    read(connection, source, parsed("a", "Something else."), parsed("b"))
    assert stored(connection, source)["a"].decision is Decision.REFUSED


def test_a_decision_is_replaced_and_taken_back(
    connection: Connection, source: CommentSource
) -> None:
    comment = stored(connection, source)["a"]
    decide(connection, comment, Decision.REFUSED)
    decide(connection, stored(connection, source)["b"], Decision.REFUSED)
    decide(connection, comment, Decision.RELEASED)
    moderation.take_back(connection, [comment.id])
    found = stored(connection, source)
    assert (found["a"].decision, found["b"].decision) == (None, Decision.REFUSED)


def test_only_decisions_about_comments_that_are_gone_are_forgotten(
    connection: Connection, source: CommentSource
) -> None:
    for comment in stored(connection, source).values():
        decide(connection, comment, Decision.REFUSED)
    read(connection, source, parsed("b"))
    moderation.forget_decisions(connection, decided_before=NOW)
    assert connection.scalar(select(func.count()).select_from(comment_decisions)) == 2
    moderation.forget_decisions(connection, decided_before=NOW + timedelta(seconds=1))
    assert connection.scalars(select(comment_decisions.c.external_id)).all() == ["b"]


def test_people_are_never_quoted_in_one_newsletter_or_in_all(connection: Connection) -> None:
    for newsletter, name in (("weekly", "Zoe"), ("", "Bob"), ("other", "Abe")):
        no_quote = NoQuote(name=name, newsletter=newsletter, added_at=NOW, added_by="ruth")
        assert moderation.never_quote(connection, no_quote, name.lower())
        assert not moderation.never_quote(connection, no_quote, name.lower())
    weekly = moderation.list_no_quotes(connection, "weekly")
    assert [each.name for each in weekly] == ["Bob", "Zoe"]
    assert [each.name for each in moderation.list_no_quotes(connection)] == ["Abe", "Bob", "Zoe"]
    assert not moderation.quote_again(connection, "weekly", "bob")
    assert moderation.quote_again(connection, "", "bob")
    assert [each.name for each in moderation.list_no_quotes(connection, "weekly")] == ["Zoe"]


def test_a_verdict_is_kept_until_the_comment_changes(
    connection: Connection, source: CommentSource
) -> None:
    under = stored(connection, source)
    moderation.save_verdicts(connection, "house", {under["a"]: _PRINT}, now=NOW)
    moderation.save_verdicts(connection, "house", {under["a"]: _PRINT}, now=NOW)
    listed = tuple(under.values())
    assert moderation.read_verdicts(connection, "house", listed) == {under["a"].id: _PRINT}
    assert moderation.read_verdicts(connection, "other", listed) == {}
    read(connection, source, parsed("a", "Something else."), parsed("b"))
    now = tuple(stored(connection, source).values())
    assert moderation.read_verdicts(connection, "house", now) == {}


def test_the_verdict_about_a_comment_that_is_gone_is_not_stored(
    connection: Connection, source: CommentSource
) -> None:
    comment = stored(connection, source)["a"]
    read(connection, source, parsed("b"))
    moderation.save_verdicts(connection, "house", {comment: _PRINT}, now=NOW)
    assert moderation.read_verdicts(connection, "house", [comment]) == {}


def test_discussed_posts_are_those_with_comments(
    connection: Connection, source: CommentSource
) -> None:
    (post,) = posts.discussed_posts(connection, [(0, None)], ["Sea"], most=5)
    assert post.id == source.post_id
    for windows, categories in (([(post.seq, None)], ["Sea"]), ([(0, None)], ["Land"])):
        assert posts.discussed_posts(connection, windows, categories, most=5) == ()
    assert posts.discussed_posts(connection, [(0, None)], ["Sea"], upto_seq=0, most=5) == ()
    read(connection, source)
    assert posts.discussed_posts(connection, [(0, None)], ["Sea"], most=5) == ()
