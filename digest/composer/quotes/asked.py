"""The comments below a post that the newsletter's own judge is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.composer.excerpts.prose import read_text
from digest.composer.quotes.talk import Talk
from digest.composer.quotes.top_comments import shortlist
from digest.composer.quotes.weigh import Weighed
from digest.composer.rules import Policy
from digest.models import Comment, Post

#: The best comments of a post that are judged; the others are not quoted.
PER_POST = 10


def list_asked(
    post: Post, comments: Sequence[Comment], *, policy: Policy, language: str
) -> Iterator[Comment]:
    """Yield the comments that the gate lets pass: the best, and those that they answer.

    Which these are does not depend on verdicts, so that the judge is not asked about others when
    the edition is composed again.

    Args:
        post: the post.
        comments: all of its stored comments.
        policy: the newsletter's policy.
        language: BCP 47 tag, of the newsletter.
    """
    ordered = sorted(comments, key=lambda each: each.id)
    text = read_text(post.content_html) or read_text(post.summary_html)
    talk = Talk(post, text, ordered, replace(policy, judge=""), language)
    read = shortlist(ordered)
    verdicts = (talk.weigh(each) for each in ordered if each.id in read)
    weighed = [each for each in verdicts if isinstance(each, Weighed)]
    best = sorted(weighed, key=lambda each: (-each.score, each.quote.comment_id))[:PER_POST]
    by_id = {comment.id: comment for comment in ordered}
    found = dict.fromkeys(each.quote.comment_id for each in best)
    answered = (by_id[each.quote.comment_id].parent_id for each in best if each.quote.answers)
    found |= dict.fromkeys(each for each in answered if each is not None)
    return (by_id[each] for each in found)
