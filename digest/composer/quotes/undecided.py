"""The comments that an editor is asked about: held ones, and those refused on weak grounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.composer.excerpts.prose import read_text
from digest.composer.lexicon.language import tell_language
from digest.composer.lexicon.words import words_for
from digest.composer.quotes.quote import print_name, print_text
from digest.composer.quotes.talk import Talk
from digest.composer.quotes.top_comments import shortlist
from digest.composer.rules import Policy
from digest.models import HELD, Comment, Post, Reason, refusal_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A comment that waits for an editor, or that an editor decided about."""

    comment: Comment
    #: The name and the words that would be printed.
    name: str
    printed: str
    #: Why it is not quoted; None if it may be quoted now.
    reason: Reason | None

    @property
    def is_held(self) -> bool:
        """Whether it waits for an editor; otherwise the gate refused it on weak grounds."""
        return self.reason is not None and self.reason.code == HELD


def list_undecided(
    post: Post,
    comments: Sequence[Comment],
    *,
    policy: Policy,
    language: str,
    with_decided: bool = False,
) -> tuple[Undecided, ...]:
    """Return the comments under a post that an editor may release or refuse, by their ids.

    Comments of which nothing could be printed are left out.

    Args:
        post: the post.
        comments: all of its stored comments.
        policy: the newsletter's policy.
        language: BCP 47 tag, of the newsletter.
        with_decided: whether comments that an editor released or refused are listed too.
    """
    ordered = sorted(comments, key=lambda comment: comment.id)
    text = read_text(post.content_html or post.summary_html)
    read = shortlist(ordered)
    talk = Talk(post, text, ordered, policy, language)
    return tuple(
        _find_undecided(
            talk, [each for each in ordered if each.id in read], language, with_decided=with_decided
        )
    )


def _find_undecided(
    talk: Talk, comments: Sequence[Comment], language: str, *, with_decided: bool
) -> Iterator[Undecided]:
    for comment in comments:
        verdict = talk.weigh(comment)
        reason = verdict if isinstance(verdict, Reason) else None
        is_decided = with_decided and comment.decision is not None
        if not (is_decided or (reason and _is_asked(reason))):
            continue
        spoken = tell_language(comment.text, language)
        if printed := print_text(comment.text, words_for(spoken), spoken):
            yield Undecided(
                comment=comment, name=print_name(comment.author), printed=printed, reason=reason
            )


def _is_asked(reason: Reason) -> bool:
    kind = refusal_kind(reason.code)
    return reason.code == HELD or (kind is not None and kind.is_borderline)
