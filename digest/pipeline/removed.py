"""Takes comments that their site, or an editor, withdrew out of a draft; nothing replaces them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from digest.composer.counts import comment_count
from digest.composer.gate.standing import is_placeholder
from digest.composer.lexicon.words import words_for
from digest.composer.mend import Mend, mend
from digest.composer.snapshot import content_hash, edition_from_json, keep_text
from digest.models import Comment, Edition, Quote, Reason, StoredEdition, Story
from digest.store import comments, posts
from digest.store.engine import Connection, Database

REMOVED = Reason(code="removed", text="removed by its site after the edition was composed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """A draft without the comments that were withdrawn since it was composed."""

    #: The row with the smaller snapshot; equal to the stored row if nothing was removed.
    stored: StoredEdition
    removed: tuple[Mend, ...]


def take_out_removed(database: Database, stored: StoredEdition) -> Reduced:
    """Return a draft without the quotes whose comments are gone; nothing is stored.

    The words of a comment that a quote answers go with that comment. A story's number of comments
    becomes smaller, never larger.
    """
    edition = edition_from_json(stored.snapshot)
    words = words_for(edition.language)

    def is_gone(comment: Comment | None) -> bool:
        return comment is None or is_placeholder(comment, words)

    with database.read() as connection:
        under = _comments_quoted(connection, edition)
        lesser, removed = _take_out(edition, under, is_gone, REMOVED)
        lesser = _counted(connection, lesser, under, frozenset(each.post_id for each in removed))
    return _reduced(stored, lesser, removed)


def withdraw(
    connection: Connection,
    stored: StoredEdition,
    is_withdrawn: Callable[[Comment], bool],
    reason: Reason,
) -> Reduced:
    """Return a draft without the comments that an editor withdrew; nothing is stored.

    Args:
        connection: a connection inside a transaction.
        stored: the draft.
        is_withdrawn: whether a comment may not be quoted any more.
        reason: why.
    """
    edition = edition_from_json(stored.snapshot)

    def is_out(comment: Comment | None) -> bool:
        return comment is not None and is_withdrawn(comment)

    under = _comments_quoted(connection, edition)
    return _reduced(stored, *_take_out(edition, under, is_out, reason))


def _reduced(stored: StoredEdition, lesser: Edition, removed: tuple[Mend, ...]) -> Reduced:
    snapshot = keep_text(lesser, stored.snapshot)
    return Reduced(
        stored=replace(stored, snapshot=snapshot, content_hash=content_hash(snapshot)),
        removed=removed,
    )


def note_of(removed: Iterable[Mend]) -> str:
    """Return what was taken out, for people, in one line; empty if nothing was."""
    words = ", ".join(each.words for each in removed)
    return f"removed by the site and taken out: {words}" if words else ""


#: The stored comments of posts, by the post's id.
_Under = Mapping[int, tuple[Comment, ...]]
_IsOut = Callable[[Comment | None], bool]


def _comments_quoted(connection: Connection, edition: Edition) -> _Under:
    quoted = [story.post_id for story in edition.stories if story.quotes]
    return comments.comments_of(connection, quoted, with_first_times=False) if quoted else {}


def _take_out(
    edition: Edition, under: _Under, is_out: _IsOut, reason: Reason
) -> tuple[Edition, tuple[Mend, ...]]:
    """Take out the quotes, and the words that a quote answers, whose comments are out."""
    by_id = {each.id: each for listed in under.values() for each in listed}
    faults = {
        story.post_id: {
            f"quote:{quote.comment_id}": reason
            for quote in story.quotes
            if is_out(by_id.get(quote.comment_id))
        }
        for story in edition.stories
    }
    lesser, removed = mend(edition, {key: found for key, found in faults.items() if found})
    return _without_answered(lesser, by_id, is_out), removed


def _without_answered(edition: Edition, by_id: Mapping[int, Comment], is_out: _IsOut) -> Edition:
    def is_answer_out(quote: Quote) -> bool:
        comment = by_id.get(quote.comment_id)
        parent_id = comment.parent_id if comment else None
        return is_out(by_id.get(parent_id) if parent_id is not None else None)

    stories = []
    for story in edition.stories:
        quotes = tuple(
            replace(quote, answers=None) if quote.answers and is_answer_out(quote) else quote
            for quote in story.quotes
        )
        stories.append(story if quotes == story.quotes else replace(story, quotes=quotes))
    return replace(edition, stories=tuple(stories))


def _counted(
    connection: Connection,
    edition: Edition,
    under: _Under,
    post_ids: frozenset[int],
) -> Edition:
    """Return the edition with the present numbers of comments under the posts that lost some."""
    if not post_ids:
        return edition
    found = {post.id: post for post in posts.posts_of(connection, sorted(post_ids))}
    stories = []
    for story in edition.stories:
        post = found.get(story.post_id)
        if post is not None:
            now = comment_count(post, under.get(story.post_id, ()))
            story = _lesser(story, min(now, story.comment_count))
        stories.append(story)
    return replace(edition, stories=tuple(stories))


def _lesser(story: Story, count: int) -> Story:
    people = story.people_count
    return replace(
        story,
        comment_count=count,
        people_count=None if people is None else min(people, count),
    )
