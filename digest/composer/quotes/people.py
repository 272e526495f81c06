"""Counts the comments under a post that people wrote."""

from __future__ import annotations

from collections.abc import Iterable

from digest.composer.counts import is_pingback
from digest.composer.gate.spam import find_spam
from digest.composer.gate.standing import is_placeholder
from digest.composer.lexicon.language import tell_language
from digest.composer.lexicon.matter import Matter, find_matter
from digest.composer.lexicon.words import Words, words_for
from digest.composer.memo import remembered
from digest.models import Comment, Post
from digest.text.html import bare_words

#: Judged of a name; print shows less.
_MAX_NAME = 200
#: Comments judged under one post; the others count as people's.
_MAX_JUDGED = 300
#: Judged of a text.
_MAX_TEXT = 2000
_SPAM = "spam"


def count_people(post: Post, comments: Iterable[Comment], language: str) -> int:
    """Count the responses that people wrote, by which a post is ranked.

    Notices, spam and placeholders of removed comments are no one's words. What the newsletter's
    own policy holds back is a person's. Where only the feed's number is known, it counts, less
    what is known to be no person's.

    Args:
        post: the post.
        comments: all of its stored comments.
        language: BCP 47 tag, of the newsletter.
    """
    stored = tuple(comments)
    responses = [comment for comment in stored if not is_pingback(comment)]
    unwritten = _count_unwritten(post, tuple(responses[:_MAX_JUDGED]), language)
    if post.has_all_comments or post.feed_comment_count is None:
        return len(responses) - unwritten
    return max(0, post.feed_comment_count - (len(stored) - len(responses)) - unwritten)


@remembered
def _count_unwritten(post: Post, comments: tuple[Comment, ...], language: str) -> int:
    if not comments:
        return 0
    text = f"{post.title} {bare_words(post.content_html or post.summary_html)}"
    spoken = tell_language(text[:_MAX_TEXT], language)
    matter = find_matter(
        text,
        [comment.text[:_MAX_TEXT] for comment in comments],
        words_for(spoken).stopwords,
        {post.author, *(comment.author for comment in comments)},
    )
    return sum(_is_unwritten(each, matter, language) for each in comments)


def _is_unwritten(comment: Comment, matter: Matter, language: str) -> bool:
    words = words_for(tell_language(comment.text[:_MAX_TEXT], language))
    return is_placeholder(comment, words) or _is_spam(comment, matter, words)


def _is_spam(comment: Comment, matter: Matter, words: Words) -> bool:
    # Not by the name alone: many people call themselves "night shift nurse".
    reason = find_spam(comment.author[:_MAX_NAME], comment.text[:_MAX_TEXT], matter, words)
    return reason is not None and reason.code == _SPAM
