"""The talk under one post: what each comment in it is gated and weighed by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from digest.composer.gate.decisions import is_released
from digest.composer.gate.policy import judge_comment
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.language import tell_language
from digest.composer.lexicon.matter import find_matter
from digest.composer.lexicon.words import base_of, words_for
from digest.composer.quotes.quote import MAX_CHARS, print_answered, print_name, print_text
from digest.composer.quotes.weigh import Standing, Weighed, weigh_comment
from digest.composer.rules import Policy
from digest.models import Answered, Comment, Post, Reason

_NO_SENTENCE = Reason(
    code="no-sentence", text=f"no whole sentence of at most {MAX_CHARS} characters"
)
_OTHER_LANGUAGE = Reason(code="other-language", text="in another language than the post")


class Talk:
    """A post and all its comments, of which one at a time is judged."""

    def __init__(
        self, post: Post, post_text: str, comments: Sequence[Comment], policy: Policy, language: str
    ) -> None:
        self._post, self._policy = post, policy
        self._by_id = {comment.id: comment for comment in comments}
        self._answered: dict[int, Answered | None] = {}
        self._answers = Counter(comment.parent_id for comment in comments)
        post_language = tell_language(f"{post.title} {post_text}", language)
        #: What the readers of the post read.
        self._read = {base_of(language), post_language}
        self._language = language
        self._matter = find_matter(
            f"{post.title} {post_text}",
            [comment.text for comment in comments],
            words_for(post_language).stopwords,
            {post.author, *(comment.author for comment in comments)},
        )

    def weigh(self, comment: Comment) -> Weighed | Reason:
        """Weigh what would be printed of a comment, or say why nothing may be."""
        language = tell_language(comment.text, self._language)
        words = words_for(language)
        printed = print_text(comment.text, words, language)
        reason = judge_comment(comment, printed, self._matter, self._policy, words)
        if reason:
            return reason
        if language not in self._read and not is_released(comment):
            return _OTHER_LANGUAGE
        if not printed:
            return _NO_SENTENCE
        standing = Standing(
            answers=self._answers[comment.id],
            answered=self._find_answered(comment),
            is_by_author=self._is_by_author(comment),
        )
        return weigh_comment(comment, printed, standing, self._matter, words, language)

    def _is_by_author(self, comment: Comment) -> bool:
        author = fold_plain(self._post.author)
        return bool(author) and fold_plain(comment.author) == author

    def _find_answered(self, comment: Comment) -> Answered | None:
        """Return the words that a reply answers, as far as they may be printed too."""
        parent = self._by_id.get(comment.parent_id) if comment.parent_id is not None else None
        if parent is None:
            return None
        if parent.id not in self._answered:
            self._answered[parent.id] = self._print_answered(parent)
        return self._answered[parent.id]

    def _print_answered(self, parent: Comment) -> Answered | None:
        language = tell_language(parent.text, self._language)
        words = words_for(language)
        text = print_answered(parent.text, words, language)
        if not text or judge_comment(parent, text, self._matter, self._policy, words):
            return None
        return Answered(name=print_name(parent.author), text=text)
