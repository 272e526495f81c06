"""The use cases of comments, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom import use_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.models import Actor, NoQuote
    from digest.newsroom.context import RunContext
    from digest.newsroom.held_comments import CommentKey, HeldPage
    from digest.newsroom.import_comments import ImportedComments
    from digest.newsroom.moderation import Decided


class Comments:
    """The use cases of comments; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    async def import_file(self, body: bytes, name: str, *, by: Actor) -> ImportedComments:
        """Store the comments of an export under their posts; safe to repeat."""
        return await use_cases.import_comments.import_file(self._context, body, name, by=by)

    # --- moderation -----------------------------------------------------------------------------

    def held(
        self, newsletter: str = "", *, after: CommentKey | None = None, is_all: bool = False
    ) -> HeldPage:
        """Return a page of the held and borderline comments of a newsletter."""
        return use_cases.held_comments.list_held(
            self._context, newsletter, after=after, is_all=is_all
        )

    def release(self, comment_ids: Sequence[int], *, by: Actor) -> Decided:
        """Let comments be quoted although the gate refuses them."""
        return use_cases.moderation.release(self._context, comment_ids, by=by)

    def refuse(self, comment_ids: Sequence[int], *, by: Actor) -> Decided:
        """Never quote comments."""
        return use_cases.moderation.refuse(self._context, comment_ids, by=by)

    def take_back(self, comment_ids: Sequence[int], *, by: Actor) -> Decided:
        """Forget what editors decided about comments."""
        return use_cases.moderation.take_back(self._context, comment_ids, by=by)

    def never_quote(self, name: str, newsletter: str = "", *, by: Actor) -> Decided:
        """Never quote a person in a newsletter; if `newsletter` is empty, in any."""
        return use_cases.moderation.never_quote(self._context, name, newsletter, by=by)

    def quote_again(self, name: str, newsletter: str = "", *, by: Actor) -> None:
        """Quote a person again whom an editor excluded."""
        use_cases.moderation.quote_again(self._context, name, newsletter, by=by)

    def never_quoted(self, newsletter: str | None = None) -> tuple[NoQuote, ...]:
        """Return the people who are never quoted; None: in any newsletter."""
        return use_cases.moderation.list_never_quoted(self._context, newsletter)
