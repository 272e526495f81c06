"""The comments that an editor is asked about: held ones, and those refused on weak grounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.composer.excerpts.prose import read_text
from digest.composer.lexicon.language import tell_language
from digest.composer.lexicon.words import words_for
from digest.composer.quotes.asked import list_asked
from digest.composer.quotes.quote import print_name, print_text
from digest.composer.quotes.talk import Talk
from digest.composer.quotes.top_comments import shortlist
from digest.composer.rules import Policy
from digest.models import HELD, NOT_JUDGED, Comment, Post, Reason, refusal_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A comment that waits for an editor, or that an editor decided about."""

    comment: Comment
    #: The name and the words that would be printed; empty if nothing would be.
    name: str
    printed: str
    #: Why it is not quoted; None if it may be quoted now.
    reason: Reason | None

    @property
    def is_held(self) -> bool:
        """Whether it waits for an editor; otherwise the gate refused it on weak grounds."""
        return self.reason is not None and self.reason.code in {HELD, NOT_JUDGED}


def list_undecided(
    post: Post,
    comments: Sequence[Comment],
    *,
    policy: Policy,
    language: str,
    with_decided: bool = False,
) -> tuple[Undecided, ...]:
    """Return the comments under a post that an editor may release or refuse, by their ids.

    Undecided comments of which nothing could be printed are left out.

    Args:
        post: the post.
        comments: all of its stored comments.
        policy: the newsletter's policy.
        language: BCP 47 tag, of the newsletter.
        with_decided: whether comments that an editor released or refused are listed too.
    """
    ordered = sorted(comments, key=lambda comment: comment.id)
    text = read_text(post.content_html or post.summary_html)
    talk = Talk(post, text, ordered, policy, language)
    read = shortlist(ordered)
    weighed = [(each, talk.weigh(each)) for each in ordered if each.id in read]
    reasons = {each.id: found for each, found in weighed if isinstance(found, Reason)}
    wanted = {key for key, reason in reasons.items() if _is_asked(reason)}
    if any(reason.code == NOT_JUDGED for reason in reasons.values()):
        asked = list_asked(post, ordered, policy=policy, language=language)
        wanted |= {each.id for each in asked if each.verdict is None} & reasons.keys()
    if with_decided:
        wanted |= {each.id for each in ordered if each.decision is not None}
    found = (
        _undecided(each, reasons.get(each.id), language) for each in ordered if each.id in wanted
    )
    return tuple(each for each in found if each.printed or each.comment.decision is not None)


def _undecided(comment: Comment, reason: Reason | None, language: str) -> Undecided:
    spoken = tell_language(comment.text, language)
    return Undecided(
        comment=comment,
        name=print_name(comment.author),
        printed=print_text(comment.text, words_for(spoken), spoken),
        reason=reason,
    )


def _is_asked(reason: Reason) -> bool:
    kind = refusal_kind(reason.code)
    return reason.code == HELD or (kind is not None and kind.is_borderline)
