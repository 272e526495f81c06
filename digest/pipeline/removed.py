"""Takes comments that their site has removed out of a draft, and puts nothing in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from digest.composer.counts import comment_count
from digest.composer.gate.standing import is_placeholder
from digest.composer.lexicon.words import words_for
from digest.composer.mend import Mend, mend
from digest.composer.snapshot import content_hash, edition_from_json, keep_text
from digest.models import Comment, Edition, Reason, StoredEdition, Story
from digest.store import comments, posts
from digest.store.engine import Connection, Database

REMOVED = Reason(code="removed", text="removed by its site after the edition was composed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """A draft without the comments that were removed since it was composed."""

    #: The row with the smaller snapshot; equal to the stored row if nothing was removed.
    stored: StoredEdition
    removed: tuple[Mend, ...]


def take_out_removed(database: Database, stored: StoredEdition) -> Reduced:
    """Return a draft without the quotes whose comments are gone; nothing is stored.

    The words of a comment that a quote answers go with that comment. A story's number of comments
    becomes smaller, never larger.
    """
    edition = edition_from_json(stored.snapshot)
    quoted = [story.post_id for story in edition.stories if story.quotes]
    if not quoted:
        return Reduced(stored=stored, removed=())
    with database.read() as connection:
        under = comments.comments_of(connection, quoted)
        faults = {
            story.post_id: {
                f"quote:{quote.comment_id}": REMOVED
                for quote in story.quotes
                if _is_gone(under.get(story.post_id, ()), quote.comment_id, edition.language)
            }
            for story in edition.stories
        }
        faults = {post_id: found for post_id, found in faults.items() if found}
        lesser, removed = mend(edition, faults)
        lesser = _without_answered(lesser, under)
        lesser = _counted(connection, lesser, under, frozenset(faults))
    snapshot = keep_text(lesser, stored.snapshot)
    return Reduced(
        stored=replace(stored, snapshot=snapshot, content_hash=content_hash(snapshot)),
        removed=removed,
    )


def note_of(removed: Iterable[Mend]) -> str:
    """Return what was taken out, for people, in one line; empty if nothing was."""
    words = ", ".join(each.words for each in removed)
    return f"removed by the site and taken out: {words}" if words else ""


def _is_gone(under: tuple[Comment, ...], comment_id: int, language: str) -> bool:
    found = next((comment for comment in under if comment.id == comment_id), None)
    return found is None or is_placeholder(found, words_for(language))


def _without_answered(edition: Edition, under: Mapping[int, tuple[Comment, ...]]) -> Edition:
    """Take out the words that a quote answers if the answered comment is gone."""
    stories = []
    for story in edition.stories:
        by_id = {comment.id: comment for comment in under.get(story.post_id, ())}
        quotes = tuple(
            replace(quote, answers=None)
            if quote.answers and not _is_answered_there(by_id, quote.comment_id, edition.language)
            else quote
            for quote in story.quotes
        )
        stories.append(story if quotes == story.quotes else replace(story, quotes=quotes))
    return replace(edition, stories=tuple(stories))


def _is_answered_there(by_id: Mapping[int, Comment], comment_id: int, language: str) -> bool:
    parent_id = by_id[comment_id].parent_id
    parent = by_id.get(parent_id) if parent_id is not None else None
    return parent is not None and not is_placeholder(parent, words_for(language))


def _counted(
    connection: Connection,
    edition: Edition,
    under: Mapping[int, tuple[Comment, ...]],
    post_ids: frozenset[int],
) -> Edition:
    """Return the edition with the present numbers of comments under the posts that lost some."""
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
