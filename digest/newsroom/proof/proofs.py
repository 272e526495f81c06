"""The use cases of proofs, for all doors."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digest.newsroom.proof import use_cases

if TYPE_CHECKING:
    from digest.models import Actor
    from digest.models.examinations import Examination
    from digest.newsroom.approve import Approval
    from digest.newsroom.context import RunContext
    from digest.newsroom.proof.memory import LetterMemory
    from digest.newsroom.proof.opening import OpenedEdition
    from digest.newsroom.proof.parts import MailSize
    from digest.newsroom.proof.proof import Proof
    from digest.newsroom.proof.review import Review


class Proofs:
    """The views of mails before they are sent; each use case is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    # --- the preview ----------------------------------------------------------------------------

    def open(self, edition_id: int, who: str = "") -> OpenedEdition:
        """Open the mail of an edition for a stock person or a subscriber."""
        return use_cases.opening.open_edition(self._context, self._memory, edition_id, who)

    def open_week(self, newsletter: str, week: str, who: str = "") -> OpenedEdition:
        """Open the mail that a past week would have had."""
        return use_cases.week.open_week(self._context, self._memory, newsletter, week, who)

    def editions_of_week(self, newsletter: str, week: str) -> tuple[int, ...]:
        """Return the ids of the editions of a week such as `2026-W40`."""
        return use_cases.week.editions_of_week(self._context, newsletter, week)

    def find_subscriber(self, newsletter: str, address: str) -> str:
        """Return the key by which a newsletter's subscriber with an address is opened."""
        return use_cases.find.find_subscriber(self._context, newsletter, address)

    def size_of(self, proof: Proof) -> MailSize:
        """Return what a mail weighs, part by part."""
        owner = self._context.newsletter_of(proof.edition.newsletter)
        return use_cases.parts.size_of(proof, owner.writer)

    # --- the approval ---------------------------------------------------------------------------

    def review(self, edition_id: int) -> Review:
        """Return what an approver decides by."""
        return use_cases.review.read_review(self._context, edition_id)

    def examine(self, edition_id: int, *, by: Actor) -> Examination:
        """Write and check every letter of a draft, count its audience, and store the result."""
        return use_cases.examine.examine(self._context, self._memory, edition_id, by=by)

    def approve(self, edition_id: int, *, looked_at: str, typed: str, by: Actor) -> Approval:
        """Approve exactly what was looked at, after a typed confirmation."""
        return use_cases.review.approve(
            self._context, self._memory, edition_id, looked_at=looked_at, typed=typed, by=by
        )

    def withdraw(self, edition_id: int, *, by: Actor) -> None:
        """Take an approval back."""
        use_cases.withdraw.withdraw(self._context, edition_id, by=by)

    @cached_property
    def _memory(self) -> LetterMemory:
        return use_cases.memory.LetterMemory()
