"""Reads one story with its texts and all comments below its post, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from digest.composer.quotes.quote import print_name
from digest.composer.quotes.top_comments import pick_comments
from digest.composer.rules import Rules
from digest.composer.story import PostWords, read_words
from digest.models import (
    HELD,
    PICKED,
    Candidate,
    Choice,
    Comment,
    Decision,
    Edition,
    PostText,
    Quote,
    Reason,
    RefusalKind,
    Story,
    refusal_kind,
)
from digest.newsroom.composing.rows import CommentRow, Count, OpenedStory, StoryRow, TextField
from digest.pipeline.policy import with_no_quotes
from digest.pipeline.window import read_candidates
from digest.store import posts
from digest.store.engine import Connection
from digest.text.excerpts import MAX_WORDS, faults_of_excerpt
from digest.text.measure import measure_for

#: The states of comments, in the order of the list.
_ORDER = ("quoted", "free", "held", "refused", "out")
_NOT_READ = Reason(code="not-read", text="came after the draft was composed; refresh the draft")


def open_story(
    connection: Connection, edition: Edition, rules: Rules, row: StoryRow, choice: Choice
) -> OpenedStory | None:
    """Return a story of a draft with everything that an editor can change in it.

    None if its post is not stored any more.
    """
    story = next(each for each in edition.stories if each.post_id == row.post_id)
    found = read_candidates(connection, posts.posts_of(connection, [row.post_id]), rules)
    if not found:
        return None
    rules = with_no_quotes(connection, rules)
    comments = _comments(found[0], story, rules, choice)
    return OpenedStory(
        row=row,
        texts=_texts(found[0], story, choice, edition.language),
        quoted=tuple(each for each in comments if each.state == "quoted"),
        others=tuple(each for each in comments if each.state != "quoted"),
        is_picked=choice.quotes is not None,
    )


# --- texts --------------------------------------------------------------------------------------


def _texts(
    candidate: Candidate, story: Story, choice: Choice, language: str
) -> tuple[TextField, ...]:
    post = candidate.post
    words = _words_of(candidate, language)
    fields = (
        _field(PostText.TITLE, "Title", story.title, words.title, is_own=choice.title is not None),
        _field(
            PostText.EXCERPT,
            "Excerpt",
            story.excerpt,
            words.excerpt.short,
            is_own=choice.excerpt is not None,
            faults=faults_of_excerpt(story.excerpt, language),
            hint=f"Whole sentences, 12 to {MAX_WORDS} words. Empty: no excerpt.",
        ),
        _field(
            PostText.ALT,
            "Image description",
            story.image_alt,
            post.image_alt,
            is_own=choice.image_alt is not None,
            hint="Read aloud in place of the picture. Empty: the picture only decorates.",
        ),
    )
    has_picture = bool(story.image_url or story.lead_image_url)
    return fields if has_picture else fields[:2]


def _words_of(candidate: Candidate, language: str) -> PostWords:
    post = candidate.post
    return read_words(post.summary_html, post.content_html, post.title.strip(), language)


def _field(
    name: PostText,
    label: str,
    text: str,
    automatic: str,
    *,
    is_own: bool,
    faults: tuple[str, ...] = (),
    hint: str = "",
) -> TextField:
    return TextField(
        name=name.value,
        label=label,
        text=text,
        automatic=automatic,
        is_own=is_own,
        count=count_of(text, faults),
        hint=hint,
    )


def count_of(text: str, faults: tuple[str, ...] = ()) -> Count:
    """Return the length of a text."""
    return Count(characters=len(text), words=measure_for(text).size(text), faults=faults)


# --- comments -----------------------------------------------------------------------------------


def _comments(
    candidate: Candidate, story: Story, rules: Rules, choice: Choice
) -> tuple[CommentRow, ...]:
    """Return the comments: quoted ones in their order, then the others by what can be done."""
    post, quoted = candidate.post, {each.comment_id: each for each in story.quotes}
    text = _words_of(candidate, rules.language).text
    judged = pick_comments(
        post,
        text,
        candidate.comments,
        policy=rules.policy,
        limit=max(rules.top_comments_lead, rules.top_comments_per_post),
        language=rules.language,
    )
    reasons = {each.comment_id: each.reason for each in judged.not_quoted}
    reasons |= {each.comment_id: each.reason for each in judged.quotes}
    by_rule = {each.comment_id for each in judged.quotes}
    left = {each.comment_id: each.reason for each in story.not_quoted}
    trims = dict(choice.trims)
    rows = [
        _row(comment, quoted, _reason(comment, reasons, left, by_rule), trims)
        for comment in candidate.comments
    ]
    places = {number: place for place, number in enumerate(quoted)}
    rows.sort(key=lambda row: (_ORDER.index(row.state), places.get(row.id, 0), row.id))
    return tuple(rows)


def _reason(
    comment: Comment,
    reasons: Mapping[int, Reason],
    left: Mapping[int, Reason],
    by_rule: set[int],
) -> Reason:
    """Return why a comment is not quoted: by the rules, or else as the draft says."""
    if comment.id in by_rule:
        return left.get(comment.id, _NOT_READ)
    return reasons.get(comment.id, _NOT_READ)


def _row(
    comment: Comment, quoted: Mapping[int, Quote], reason: Reason, trims: Mapping[int, str]
) -> CommentRow:
    quote = quoted.get(comment.id)
    return CommentRow(
        id=comment.id,
        name=print_name(comment.author),
        text=comment.text,
        printed=quote.text if quote else "",
        posted_at=comment.posted_at,
        url=comment.url,
        reason=_words(quote.reason if quote else reason),
        state="quoted" if quote else _state(comment, reason),
        is_trimmed=comment.id in trims,
        is_released=comment.decision is Decision.RELEASED,
    )


def _words(reason: Reason) -> str:
    return "picked by an editor" if reason.code == PICKED else reason.text


def _state(comment: Comment, reason: Reason) -> str:
    if comment.decision is Decision.REFUSED:
        return "refused"
    if reason.code == HELD:
        return "held"
    return "out" if refusal_kind(reason.code) is RefusalKind.STANDING else "free"
