"""Stores an editor's decisions about posts, and their texts for an edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from digest.composer.quotes.trim import strange_words
from digest.composer.selection.arrange import places_after
from digest.errors import Refused, UsageError
from digest.letter.checks.quotes import MAX_QUOTES, faults_of_words
from digest.letter.planning.subject import MAX_SUBJECT
from digest.models import (
    NEXT_LEAD,
    Choice,
    Edition,
    EditorChanges,
    Move,
    Poll,
    PostText,
    Story,
    Trim,
    Typed,
)
from digest.store import choices, comments, unmailed
from digest.store.engine import Connection

_TYPED = TypeAdapter(Typed)
#: The longest texts of a story, in characters, and what an editor calls them.
_LONGEST = {PostText.TITLE: 300, PostText.EXCERPT: 2000, PostText.ALT: 500}
_NAMES = {PostText.TITLE: "title", PostText.EXCERPT: "excerpt", PostText.ALT: "image description"}
_LONGEST_LINE = 300
_LONGEST_PARAGRAPH = 2000
_LONGEST_ANSWER = 80
_ANSWERS = range(2, 6)

Known: TypeAlias = Mapping[int, Choice]


def include_posts(connection: Connection, post_ids: Sequence[int], *, now: datetime) -> None:
    """Let posts into the mail that intake kept, such as an archive; for every newsletter.

    Raises:
        UsageError: a post does not exist.
        Refused: a post is one that mails may have already.
    """
    _refuse_unknown(connection, post_ids)
    for post_id in unmailed.mailable_posts(connection, post_ids):
        raise Refused(
            f"post {post_id}: it is not kept out of the mail, so there is nothing to include;"
            " to show it again, use --pin while it is new"
        )
    unmailed.include_posts(connection, post_ids, now=now)


def record_choices(
    connection: Connection,
    newsletter: str,
    changes: EditorChanges,
    *,
    skips: str,
    edition: Edition | None = None,
) -> None:
    """Store an editor's choices for posts.

    Texts and quotes that were chosen for a post stay, unless it is reset.

    Args:
        connection: a connection with a write transaction.
        newsletter: the newsletter's name.
        changes: the editor's changes.
        skips: the edition, as `cadence/slot`, without the posts that are kept for the next one.
        edition: the present draft, in whose order a post is moved; None if there is none.

    Raises:
        UsageError: a post or comment does not exist, a post is named twice, or a text is too long
            or says what its comment does not say.
    """
    _refuse_unclear(connection, changes)
    known = choices.read_choices(connection, newsletter)
    changed = dict(known)
    for apply in _appliers(connection, changes, skips, edition):
        changed |= apply(changed)
    for post_id in changes.reset:
        changed[post_id] = Choice()
    gone = [post_id for post_id, choice in changed.items() if choice == Choice()]
    for post_id, choice in changed.items():
        if choice != known.get(post_id, Choice()) and choice != Choice():
            choices.save_choice(connection, newsletter, post_id, choice)
    choices.clear(connection, newsletter, gone)


def _appliers(
    connection: Connection, changes: EditorChanges, skips: str, edition: Edition | None
) -> Iterator[Callable[[Known], dict[int, Choice]]]:
    """Yield a function for each kind of change; it takes all choices and returns changed ones."""
    yield lambda known: {each: _plain(known, each) for each in changes.unmark}
    yield lambda known: {
        each: replace(_plain(known, each), is_dropped=True) for each in changes.drop
    }
    yield lambda known: {
        each: replace(_plain(known, each), skips=skips) for each in changes.next_time
    }
    yield lambda known: _pinned(known, changes)
    for move in changes.move:
        yield partial(_moved, move=move, edition=edition)
    yield lambda known: _rewritten(known, changes)
    yield lambda known: _quoted(connection, known, changes, edition)


def _pinned(known: Known, changes: EditorChanges) -> dict[int, Choice]:
    """Put new leads before all pinned posts, and new pins behind them."""
    taken = [choice.pinned for choice in known.values()]
    above = min([0, *taken]) - len(changes.lead)
    below = max([0, *taken]) + 1
    places = [*enumerate(changes.lead, above), *enumerate(changes.pin, below)]
    return {each: replace(_plain(known, each), pinned=place) for place, each in places}


def _moved(known: Known, move: Move, edition: Edition | None) -> dict[int, Choice]:
    choice = known.get(move.post_id, Choice())
    section = move.section or choice.section or _home_of(move.post_id, edition)
    plain = _plain(known, move.post_id)
    moved = {move.post_id: replace(plain, section=move.section or choice.section)}
    if not move.place:
        return moved
    order = list_section(edition, section) if edition else []
    for post_id, place in places_after(order, dict(known), move.post_id, move.place).items():
        now = moved.get(post_id) or known[post_id]
        moved[post_id] = replace(now, pinned=0, place=place)
    return moved


def list_section(edition: Edition, section: str) -> list[int]:
    """Return the ids of the new stories of a section below the top story, in their order."""
    new = [story for story in edition.stories if story.seq > edition.last_cut_seq]
    return [each.post_id for each in new[1:] if each.home_in(edition.categories) == section]


def _home_of(post_id: int, edition: Edition | None) -> str:
    story = _story(edition, post_id)
    return (story.home_in(edition.categories) if story and edition else None) or ""


def _story(edition: Edition | None, post_id: int) -> Story | None:
    stories = edition.stories if edition else ()
    return next((each for each in stories if each.post_id == post_id), None)


def _plain(known: Known, post_id: int) -> Choice:
    """Return a post's choice without its place, and with its texts, quotes and section."""
    choice = known.get(post_id, Choice())
    return replace(choice, pinned=0, place=0, is_dropped=False, skips="")


# --- texts of stories ---------------------------------------------------------------------------


def _rewritten(known: Known, changes: EditorChanges) -> dict[int, Choice]:
    changed: dict[int, Choice] = {}
    for each in changes.rewrite:
        text = None if each.text is None else " ".join(each.text.split())
        _refuse_text(each.post_id, each.what, text)
        values: dict[str, Any] = {each.what.value: text}
        choice = changed.get(each.post_id) or known.get(each.post_id, Choice())
        changed[each.post_id] = replace(choice, **values)
    return changed


def _refuse_text(post_id: int, what: PostText, text: str | None) -> None:
    if what is PostText.TITLE and text == "":
        raise UsageError(f"post {post_id}: a story needs a title; reset it to use the feed's")
    _refuse_longer(f"post {post_id}: the {_NAMES[what]}", text or "", _LONGEST[what])


# --- quotes -------------------------------------------------------------------------------------


def _quoted(
    connection: Connection, known: Known, changes: EditorChanges, edition: Edition | None
) -> dict[int, Choice]:
    asked = [*(each.post_id for each in changes.quote), *(each.post_id for each in changes.trim)]
    if not asked:
        return {}
    texts = {
        post_id: {comment.id: comment.text for comment in under}
        for post_id, under in comments.comments_of(connection, asked).items()
    }
    changed = {post_id: known.get(post_id, Choice()) for post_id in asked}
    for quote in changes.quote:
        if len(quote.comment_ids or ()) > MAX_QUOTES:
            raise UsageError(
                f"post {quote.post_id}: a story quotes at most {MAX_QUOTES} comments; take one out"
                " first, or swap it"
            )
        for comment_id in quote.comment_ids or ():
            _comment_text(texts, quote.post_id, comment_id)
        choice = replace(changed[quote.post_id], quotes=quote.comment_ids)
        changed[quote.post_id] = replace(
            choice, trims=() if choice.quotes is None else choice.trims
        )
    for trim in changes.trim:
        text = _comment_text(texts, trim.post_id, trim.comment_id)
        changed[trim.post_id] = _trimmed(changed[trim.post_id], trim, text, edition)
    return changed


def _comment_text(texts: Mapping[int, Mapping[int, str]], post_id: int, comment_id: int) -> str:
    found = texts.get(post_id, {}).get(comment_id)
    if found is None:
        raise UsageError(f"post {post_id}: it has no comment {comment_id}")
    return found


def _trimmed(choice: Choice, trim: Trim, comment: str, edition: Edition | None) -> Choice:
    """Return a choice with a shortened quote; what is quoted now stays quoted."""
    text = " ".join(trim.text.split())
    if strange := strange_words(text, comment):
        raise UsageError(
            f"comment {trim.comment_id}: a quote can only be shortened, with … for what is left"
            f" out; the comment does not say: {strange[:80]}"
        )
    if text and (faults := tuple(faults_of_words(text))):
        raise UsageError(
            f"comment {trim.comment_id}: this would be left out of the mail: {faults[0]}"
        )
    story = _story(edition, trim.post_id)
    shown = tuple(quote.comment_id for quote in story.quotes) if story else ()
    quotes = shown if choice.quotes is None else choice.quotes
    kept = tuple(each for each in choice.trims if each[0] != trim.comment_id)
    return replace(
        choice,
        quotes=quotes if trim.comment_id in quotes else (*quotes, trim.comment_id),
        trims=(*kept, (trim.comment_id, text)) if text else kept,
    )


# --- texts of an edition ------------------------------------------------------------------------


def refuse_long(changes: EditorChanges) -> None:
    """Check that the texts of an edition are not too long, and that a poll can be answered.

    Raises:
        UsageError: a text is too long, or a poll has too few or too many answers.
    """
    length = len(" ".join((changes.subject or "").split()))
    if length > MAX_SUBJECT:
        raise UsageError(
            f"the subject has {length} characters; shorten it to at most {MAX_SUBJECT}"
        )
    _refuse_longer("the preheader", changes.preheader or "", _LONGEST_LINE)
    for paragraph in changes.intro or ():
        _refuse_longer("a paragraph of the intro", paragraph, _LONGEST_PARAGRAPH)
    if changes.poll is not None and changes.poll.question.strip():
        _refuse_poll(changes.poll)


def _refuse_poll(poll: Poll) -> None:
    answers = [answer for each in poll.choices if (answer := " ".join(each.split()))]
    if len(answers) not in _ANSWERS:
        raise UsageError("the poll: give it two to five answers")
    if len({answer.casefold() for answer in answers}) < len(answers):
        raise UsageError("the poll: two of its answers are the same")
    _refuse_longer("the question of the poll", poll.question, _LONGEST_LINE)
    _refuse_longer("the note of the poll", poll.note, _LONGEST_LINE)
    for answer in answers:
        _refuse_longer("an answer of the poll", answer, _LONGEST_ANSWER)


def _refuse_longer(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise UsageError(f"{what} has {len(text)} characters; shorten it to at most {longest}")


def retype(stored: str, changes: EditorChanges) -> Typed:
    """Return an edition's typed texts after an editor's changes.

    A new subject or preheader is tied to the story that leads the next draft; see `NEXT_LEAD`.

    Args:
        stored: the typed texts before, as JSON; may be empty.
        changes: the editor's changes.
    """
    typed = typed_from_json(stored)
    if changes.subject is not None or changes.preheader is not None:
        typed = replace(typed, typed_for=NEXT_LEAD)
    poll = typed.poll if changes.poll is None else _tidy_poll(changes.poll)
    return replace(
        typed,
        subject=_either(changes.subject, typed.subject),
        preheader=_either(changes.preheader, typed.preheader),
        intro=_paragraphs(typed.intro if changes.intro is None else changes.intro),
        poll=None if changes.resets_poll else poll,
    )


def typed_from_json(stored: str) -> Typed:
    """Return an edition's typed texts; `stored` may be empty."""
    return _TYPED.validate_json(stored) if stored else Typed()


def typed_to_json(typed: Typed) -> str:
    """Return the typed texts as JSON for the database; empty if there are none."""
    return "" if typed == Typed() else _TYPED.dump_json(typed).decode()


def tie_to_lead(typed: Typed, edition: Edition) -> Typed:
    """Return typed texts that wait for a lead, tied to the first story of an edition."""
    if typed.typed_for != NEXT_LEAD:
        return typed
    new = (story.post_id for story in edition.stories if story.seq > edition.last_cut_seq)
    return replace(typed, typed_for=next(new))


def _tidy_poll(poll: Poll) -> Poll:
    choices = (" ".join(each.split()) for each in poll.choices)
    return Poll(
        question=" ".join(poll.question.split()),
        choices=tuple(filter(None, choices)),
        note=" ".join(poll.note.split()),
    )


def _either(asked: str | None, before: str) -> str:
    return before if asked is None else " ".join(asked.split())


def _paragraphs(texts: Iterable[str] | None) -> tuple[str, ...] | None:
    return tuple(text.strip() for text in texts or () if text.strip()) or None


# --- posts --------------------------------------------------------------------------------------


def _refuse_unclear(connection: Connection, changes: EditorChanges) -> None:
    _refuse_unknown(connection, changes.posts)
    if twice := _twice(changes.placed):
        raise UsageError(f"post {twice[0]}: named twice; give one change for each post")


def _refuse_unknown(connection: Connection, post_ids: Sequence[int]) -> None:
    for post_id in choices.unknown_posts(connection, post_ids):
        raise UsageError(
            f"Post {post_id} does not exist; see the post ids in `digest compose --explain`."
        )


def _twice(post_ids: Sequence[int]) -> list[int]:
    return [post_id for post_id in post_ids if post_ids.count(post_id) > 1]
