"""The readers' words under a story: which comments are quoted, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.composer.fold import fold_plain
from digest.composer.matter import find_matter, likeness
from digest.composer.policy import judge_comment, judge_standing
from digest.composer.quote import MAX_CHARS, print_name, print_text
from digest.composer.rules import Policy
from digest.composer.tidy import tidy_line
from digest.composer.weigh import FLOOR, Weighed, weigh_comment
from digest.composer.words import words_for
from digest.models import Comment, CommentOmission, Post, Quote, Reason

#: Quotes that share more of their words say the same.
_SAME = 0.6
#: Of a comment that is left out, so much is shown to the editor.
_MAX_SHOWN = 120

_NO_SENTENCE = Reason(
    code="no-sentence", text=f"no whole sentence of at most {MAX_CHARS} characters"
)
_POST_AUTHOR = Reason(code="post-author", text="by the post's author, and answers nobody")
_BELOW_FLOOR = Reason(code="says-little", text="says too little on the matter")
_SAME_NAME = Reason(code="same-name", text="the same person is quoted already")
_SAME_WORDS = Reason(code="near-duplicate", text="says what another quote says")
_PICKED = Reason(code="picked", text="picked by an editor")
_NOT_PICKED = Reason(code="not-picked", text="not among those picked by an editor")
_NO_PLACE = Reason(code="no-place", text="others say more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """What became of the comments under one post."""

    #: Best first.
    quotes: tuple[Quote, ...]
    #: In the order of their ids.
    not_quoted: tuple[CommentOmission, ...]


def pick_comments(
    post: Post,
    post_text: str,
    comments: Iterable[Comment],
    *,
    policy: Policy,
    limit: int,
    language: str,
    picked: Sequence[int] | None = None,
) -> Picks:
    """Choose at most `limit` comments to quote, of different people and different content.

    The fullest quote on the matter comes first; nobody is quoted where nobody says something.

    Args:
        post: the post they stand under.
        post_text: its plain text.
        comments: all that are stored, in any order.
        policy: the newsletter's additions to the built-in policy.
        limit: of quotes.
        language: BCP 47 tag, of the newsletter.
        picked: ids of the comments that an editor wants quoted, in this order, whatever the gate
            says of their words; None: chosen by rule.
    """
    ordered = sorted(comments, key=lambda comment: comment.id)
    if picked is not None:
        return _obey_editor(ordered, picked, policy, language)
    weighed, refused = _gate(post, post_text, ordered, policy, language)
    quotes, left = _choose(weighed, limit)
    reasons = refused | left
    omitted = (_omit(each, reasons[each.id]) for each in ordered if each.id in reasons)
    return Picks(quotes=quotes, not_quoted=tuple(omitted))


def _obey_editor(
    comments: Sequence[Comment], picked: Sequence[int], policy: Policy, language: str
) -> Picks:
    """Quote what an editor picked, and nothing else.

    What is no reader's comment, is not on the page, or is of somebody who asked not to be quoted
    stays out all the same.
    """
    words = words_for(language)
    quotes: dict[int, Quote] = {}
    reasons: dict[int, Reason] = {}
    for comment in comments:
        reason = _NOT_PICKED if comment.id not in picked else judge_standing(comment, policy)
        printed = "" if reason else print_text(comment.text, words, language)
        if not printed:
            reasons[comment.id] = reason or _NO_SENTENCE
            continue
        quotes[comment.id] = Quote(
            comment_id=comment.id,
            name=print_name(comment.author),
            text=printed,
            url=comment.url,
            reason=_PICKED,
        )
    return Picks(
        quotes=tuple(quotes[number] for number in dict.fromkeys(picked) if number in quotes),
        not_quoted=tuple(_omit(each, reasons[each.id]) for each in comments if each.id in reasons),
    )


def _gate(
    post: Post, post_text: str, comments: Sequence[Comment], policy: Policy, language: str
) -> tuple[list[Weighed], dict[int, Reason]]:
    """Part the comments into those that may be quoted, weighed, and the others' reasons."""
    words = words_for(language)
    texts = [comment.text for comment in comments]
    matter = find_matter(f"{post.title} {post_text}", texts, words.stopwords)
    answers = Counter(comment.parent_id for comment in comments)
    weighed, refused = [], {}
    for comment in comments:
        reason = judge_comment(comment, matter, policy, words) or _judge_author(comment, post)
        printed = "" if reason else print_text(comment.text, words, language)
        if printed:
            weighed.append(weigh_comment(comment, printed, matter, words, answers[comment.id]))
        else:
            refused[comment.id] = reason or _NO_SENTENCE
    return weighed, refused


def _judge_author(comment: Comment, post: Post) -> Reason | None:
    is_author = bool(post.author) and fold_plain(comment.author) == fold_plain(post.author)
    return _POST_AUTHOR if is_author and comment.parent_id is None else None


def _choose(weighed: list[Weighed], limit: int) -> tuple[tuple[Quote, ...], dict[int, Reason]]:
    """Take the best one by one; say why each of the others is left."""
    waiting = sorted(weighed, key=lambda each: (-each.score, each.quote.comment_id))
    chosen: list[Weighed] = []
    left = {}
    while waiting:
        each = waiting.pop(_next_of(waiting, chosen))
        if reason := _judge_place(each, chosen, limit):
            left[each.quote.comment_id] = reason
        else:
            chosen.append(each)
    return tuple(each.quote for each in chosen), left


def _next_of(waiting: list[Weighed], chosen: list[Weighed]) -> int:
    """The best; but after a first quote that agrees, the best dissent where there is one."""
    if len(chosen) == 1 and not chosen[0].is_dissent:
        for number, each in enumerate(waiting):
            if each.is_dissent and _judge_place(each, chosen, limit=2) is None:
                return number
    return 0


def _judge_place(each: Weighed, chosen: list[Weighed], limit: int) -> Reason | None:
    name = fold_plain(each.quote.name)
    if each.score < FLOOR:
        return _BELOW_FLOOR
    if any(fold_plain(other.quote.name) == name for other in chosen):
        return _SAME_NAME
    if any(likeness(each.stems, other.stems) > _SAME for other in chosen):
        return _SAME_WORDS
    return _NO_PLACE if len(chosen) >= limit else None


def _omit(comment: Comment, reason: Reason) -> CommentOmission:
    line = tidy_line(comment.text[: _MAX_SHOWN * 4])
    shown = line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1].rstrip() + "…"
    return CommentOmission(
        comment_id=comment.id, name=print_name(comment.author), text=shown, reason=reason
    )
