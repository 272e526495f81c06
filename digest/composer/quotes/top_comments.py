"""The readers' words under a story: which comments are quoted, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.composer.gate.decisions import is_released
from digest.composer.gate.form import MAX_CHARS
from digest.composer.gate.standing import judge_standing
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import likeness
from digest.composer.lexicon.persons import person_of
from digest.composer.lexicon.tidy import tidy_line
from digest.composer.lexicon.words import Words, words_for
from digest.composer.memo import remembered
from digest.composer.quotes.quote import print_name, print_text
from digest.composer.quotes.talk import Talk
from digest.composer.quotes.trim import strange_words
from digest.composer.quotes.weigh import FLOOR, SECOND, Weighed
from digest.composer.rules import Policy
from digest.models import PICKED, Comment, CommentOmission, Post, Quote, Reason

#: Quotes that share more of their words say the same.
_SAME = 0.6
#: Letters of a sentence that is not said twice by chance.
_MIN_SENTENCE = 40
_STOPS = re.compile(r"[.!?…。！？]")
_NO_LETTERS = re.compile(r"\W+")
#: So much less is a dissent worth and still preferred for the second place.
_DISSENT = 0.25
#: Beside the best a comment that is worth less than so much of it is a filler.
_MIN_OF_BEST = 0.6
#: Read closely under one post; what is longest is worth most.
_MAX_WEIGHED = 300
#: Of a comment that is left out, so much is shown to the editor.
_MAX_SHOWN = 120

_NOT_READ = Reason(
    code="not-read", text=f"not among the {_MAX_WEIGHED} longest of an endless thread"
)
_BELOW_FLOOR = Reason(code="says-little", text="says too little on the matter")
_SAME_NAME = Reason(code="same-name", text="the same person is quoted already")
_SAME_WORDS = Reason(code="near-duplicate", text="says what another quote says")
_PICKED = Reason(code=PICKED, text="picked by an editor")
_NO_SENTENCE = Reason(code="no-sentence", text="no whole sentence of a length to quote")
_NOT_PICKED = Reason(code="not-picked", text="not among those picked by an editor")
_NO_PLACE = Reason(code="no-place", text="others say more")
_NO_TRIMS: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The persons and texts that are quoted already in an edition."""

    #: As `person_of` names them.
    people: frozenset[str] = frozenset()
    #: As `_sayings` returns them.
    texts: frozenset[str] = frozenset()

    def with_quotes(self, quotes: Iterable[Quote]) -> Quoted:
        """Return this with more quotes."""
        more = tuple(quotes)
        return Quoted(
            people=self.people | {person_of(quote.name) for quote in more} - {""},
            texts=self.texts.union(*(_sayings(quote.text) for quote in more)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """The quotes under one post, and the comments that are not quoted."""

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
    quoted: Quoted = Quoted(),
    trims: Mapping[int, str] = _NO_TRIMS,
) -> Picks:
    """Choose at most `limit` comments to quote, of different people and different content.

    The fullest quote on the topic comes first. No comment is quoted if none has substance.

    Args:
        post: the post they stand under.
        post_text: its plain text.
        comments: all that are stored, in any order.
        policy: the newsletter's additions to the built-in policy.
        limit: of quotes.
        language: BCP 47 tag, of the newsletter.
        picked: ids of the comments that an editor wants quoted, in this order, whatever the gate
            says of their words; None: chosen by rule.
        quoted: who and what is quoted already in the edition; an editor's pick stands over it.
        trims: what an editor left of the picked comments, by id.
    """
    ordered = tuple(sorted(comments, key=lambda comment: comment.id))
    if picked is not None:
        return _obey_editor(ordered, picked, policy, language, trims)
    verdicts = dict(_judge_all(post, post_text, ordered, policy, language))
    refused = {key: each for key, each in verdicts.items() if isinstance(each, Reason)}
    weighed = [each for each in verdicts.values() if isinstance(each, Weighed)]
    twice = {each.quote.comment_id: _judge_repeat(each.quote, quoted) for each in weighed}
    quotes, left = _choose([each for each in weighed if not twice[each.quote.comment_id]], limit)
    quotes = _without_repeats(quotes, ordered)
    refused |= {key: reason for key, reason in twice.items() if reason}
    reasons = refused | left
    omitted = (_omit(each, reasons[each.id]) for each in ordered if each.id in reasons)
    return Picks(quotes=quotes, not_quoted=tuple(omitted))


@remembered
def _judge_all(
    post: Post, post_text: str, ordered: tuple[Comment, ...], policy: Policy, language: str
) -> tuple[tuple[int, Weighed | Reason], ...]:
    """Return the weight of each comment, or why it is not quoted, by its id."""
    talk = Talk(post, post_text, ordered, policy, language)
    read = shortlist(ordered)
    return tuple((each.id, talk.weigh(each) if each.id in read else _NOT_READ) for each in ordered)


def _obey_editor(
    comments: Sequence[Comment],
    picked: Sequence[int],
    policy: Policy,
    language: str,
    trims: Mapping[int, str],
) -> Picks:
    """Quote what an editor picked, and nothing else.

    What is no reader's comment, is not on the page, or is of a person who asked not to be quoted
    stays out all the same.
    """
    words = words_for(language)
    quotes: dict[int, Quote] = {}
    reasons: dict[int, Reason] = {}
    for comment in comments:
        reason = _NOT_PICKED if comment.id not in picked else judge_standing(comment, policy)
        printed = "" if reason else _trimmed(comment, trims, words, language)
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


def _trimmed(comment: Comment, trims: Mapping[int, str], words: Words, language: str) -> str:
    """The part of a comment that an editor left, while the comment still says that."""
    trim = trims.get(comment.id, "")
    return (
        trim
        if trim and not strange_words(trim, comment.text)
        else print_text(comment.text, words, language)
    )


def shortlist(comments: Sequence[Comment]) -> frozenset[int]:
    """Return the ids of the comments to read closely: all, or in an endless thread the longest.

    Those that an editor released come first.
    """
    # A text that is too long to be quoted must not take the place of one that can be.
    longest = sorted(
        comments,
        key=lambda each: (not is_released(each), -len(each.text) * (len(each.text) <= MAX_CHARS)),
    )
    return frozenset(each.id for each in longest[:_MAX_WEIGHED])


def _choose(weighed: list[Weighed], limit: int) -> tuple[tuple[Quote, ...], dict[int, Reason]]:
    """Take the best one by one; say why each of the others is left."""
    ordered = sorted(weighed, key=lambda each: (-each.score, each.quote.comment_id))
    chosen: list[Weighed] = []
    if limit > 1 and (pair := _find_pair(ordered)):
        chosen = pair
    for each in ordered:
        if each not in chosen and _judge_place(each, chosen, limit) is None:
            chosen.append(each)
    left = {
        each.quote.comment_id: _judge_place(each, chosen, limit) or _NO_PLACE
        for each in ordered
        if each not in chosen
    }
    return tuple(each.quote for each in chosen), left


def _find_pair(ordered: list[Weighed]) -> list[Weighed]:
    """The best that agrees, and the best dissent where it is hardly worse than the next."""
    if not ordered or ordered[0].is_dissent:
        return []
    first = ordered[:1]
    fitting = (each for each in ordered[1:] if _judge_place(each, first, limit=2) is None)
    second = next(fitting, None)
    if second is None:
        return []
    dissent = second if second.is_dissent else next((e for e in fitting if e.is_dissent), None)
    return [*first, dissent] if dissent and dissent.score >= second.score - _DISSENT else []


def _without_repeats(quotes: tuple[Quote, ...], comments: Sequence[Comment]) -> tuple[Quote, ...]:
    """Return the quotes without the words above an answer that another of them quotes."""
    parents = {comment.id: comment.parent_id for comment in comments}
    quoted = {quote.comment_id for quote in quotes}
    return tuple(
        replace(quote, answers=None)
        if quote.answers and parents[quote.comment_id] in quoted
        else quote
        for quote in quotes
    )


def _judge_repeat(quote: Quote, quoted: Quoted) -> Reason | None:
    if person_of(quote.name) in quoted.people:
        return _SAME_NAME
    return None if quoted.texts.isdisjoint(_sayings(quote.text)) else _SAME_WORDS


def _sayings(text: str) -> frozenset[str]:
    """Return the letters of a text, and of each long sentence: equal for two cuts of one text."""
    folded = fold_plain(text)
    keys = (_NO_LETTERS.sub("", each) for each in _STOPS.split(folded))
    return frozenset({_NO_LETTERS.sub("", folded), *(k for k in keys if len(k) >= _MIN_SENTENCE)})


def _judge_place(each: Weighed, chosen: list[Weighed], limit: int) -> Reason | None:
    if each.score < (SECOND if chosen else FLOOR):
        return _BELOW_FLOOR
    # Beside each other, two people of one name look like one, even if the name is nobody's.
    name = fold_plain(each.quote.name)
    if name and any(fold_plain(other.quote.name) == name for other in chosen):
        return _SAME_NAME
    said = _sayings(each.quote.text)
    if any(
        likeness(each.stems, other.stems) > _SAME or said & _sayings(other.quote.text)
        for other in chosen
    ):
        return _SAME_WORDS
    is_far_behind = bool(chosen) and each.score < _MIN_OF_BEST * chosen[0].score
    return _NO_PLACE if len(chosen) >= limit or is_far_behind else None


def _omit(comment: Comment, reason: Reason) -> CommentOmission:
    line = tidy_line(comment.text[: _MAX_SHOWN * 2])
    shown = line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1].rstrip() + "…"
    return CommentOmission(
        comment_id=comment.id, name=print_name(comment.author), text=shown, reason=reason
    )
