"""Comments: which are quoted below a story of a draft, why, and an editor's decisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from digest.models import Picking, Shown
from digest.newsroom.composing.page import ComposePage
from digest.newsroom.composing.rows import OpenedStory
from digest.web.api.call import Call, EditionId, NewsletterQuery, OnCall
from digest.web.api.problems import not_found
from digest.web.api.shapes import comments as shapes
from digest.web.api.shapes.drafts import Changed

PostId = Annotated[int, Path(ge=1, lt=2**31, description="Id of the story's post.")]
CommentId = Annotated[int, Path(ge=1, lt=2**31, description="Id of the comment.")]


def show(call: OnCall, edition_id: EditionId, post_id: PostId) -> shapes.StoryComments:
    """Return the comments below a story, quoted ones first, each with its reason."""
    page, opened = _open(call, edition_id, post_id)
    return shapes.StoryComments.of_story(page, opened)


def pick(
    call: OnCall,
    edition_id: EditionId,
    post_id: PostId,
    comment_id: CommentId,
    wanted: shapes.Pick,
) -> Changed:
    """Quote a comment, quote it no more, move or swap it; 409 if the draft was changed since."""
    _refuse_unknown(call, edition_id, post_id, comment_id)
    picking = Picking(
        post_id=post_id, comment_id=comment_id, how=wanted.how, instead_of=wanted.instead_of
    )
    done = call.newsroom.drafts.pick(edition_id, picking, by=call.actor, seen=wanted.version)
    return _changed(call, edition_id, done.said)


def release(call: OnCall, edition_id: EditionId, post_id: PostId, comment_id: CommentId) -> Changed:
    """Let a held comment be quoted, and quote it."""
    _refuse_unknown(call, edition_id, post_id, comment_id)
    done = call.newsroom.drafts.release(edition_id, post_id, comment_id, by=call.actor)
    return _changed(call, edition_id, done.said)


def refuse(call: OnCall, edition_id: EditionId, post_id: PostId, comment_id: CommentId) -> Changed:
    """Never quote a comment; it is taken out of every draft."""
    _refuse_unknown(call, edition_id, post_id, comment_id)
    done = call.newsroom.comments.refuse([comment_id], by=call.actor)
    return _changed(call, edition_id, done.said("Refused: it is never quoted."))


def forget(call: OnCall, edition_id: EditionId, post_id: PostId, comment_id: CommentId) -> Changed:
    """Take back what editors decided about a comment; the rules judge it again."""
    _refuse_unknown(call, edition_id, post_id, comment_id)
    done = call.newsroom.comments.take_back([comment_id], by=call.actor)
    return _changed(call, edition_id, done.said("Decision taken back."))


# --- people who are never quoted ------------------------------------------------------------------


def list_never_quoted(call: OnCall, newsletter: NewsletterQuery = "") -> shapes.NeverQuoted:
    """Return the people who are never quoted, by name, also those of the configuration file."""
    found = call.newsroom.comments.never_quoted(newsletter or None)
    return shapes.NeverQuoted(people=list(map(shapes.NeverQuotedPerson.of, found)))


def never_quote(call: OnCall, wanted: shapes.Person) -> shapes.Excluded:
    """Never quote a person; the person's comments are taken out of every draft."""
    decided = call.newsroom.comments.never_quote(wanted.name, wanted.newsletter, by=call.actor)
    return shapes.Excluded(changed=list(decided.changed), void=list(decided.void))


def quote_again(call: OnCall, wanted: shapes.Person) -> shapes.Excluded:
    """Let a person be quoted again whom an editor excluded; drafts stay as they are."""
    call.newsroom.comments.quote_again(wanted.name, wanted.newsletter, by=call.actor)
    return shapes.Excluded(changed=[], void=[])


# --- the comments of a story ----------------------------------------------------------------------


def _open(call: Call, edition_id: int, post_id: int) -> tuple[ComposePage, OpenedStory]:
    page = call.newsroom.drafts.page(edition_id, Shown(post_id=post_id))
    if page.opened is None:
        raise not_found(f"story {post_id} of edition {edition_id}")
    return page, page.opened


def _refuse_unknown(call: Call, edition_id: int, post_id: int, comment_id: int) -> None:
    _, opened = _open(call, edition_id, post_id)
    if comment_id not in {each.id for each in (*opened.quoted, *opened.others)}:
        raise not_found(f"comment {comment_id} below story {post_id}")


def _changed(call: Call, edition_id: int, said: str) -> Changed:
    version = call.newsroom.drafts.version(edition_id)
    return Changed(edition=edition_id, version=version, said=said)
