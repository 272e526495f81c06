"""One newsletter, as every door asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom import use_cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.models import Actor, DeliveryState, EditorChanges, StoredEdition
    from digest.newsroom.approve import Approval
    from digest.newsroom.check import CheckReport
    from digest.newsroom.compose import Draft
    from digest.newsroom.context import RunContext
    from digest.newsroom.deliveries import PastDelivery
    from digest.newsroom.diff import EditionDiff
    from digest.newsroom.hold import Hold
    from digest.newsroom.plan import Plan
    from digest.newsroom.preview import PreviewMail
    from digest.newsroom.send import DryRun, SendReport
    from digest.newsroom.status import EditionStatus
    from digest.newsroom.test import TestMail


class Newsletter:
    """The use cases of one newsletter; each is described where it is implemented.

    `edition` is an id. None means the newest edition that the use case can act on.
    """

    def __init__(self, context: RunContext, name: str) -> None:
        self._context = context
        #: In the configuration, or in the database alone if it is no longer configured.
        self.name = name

    # --- making an edition ----------------------------------------------------------------------

    def compose(self, cadence: str = "", *, by: Actor) -> Draft:
        """Make or refresh the draft of the next slot."""
        return use_cases.compose.compose(self._context, self.name, cadence, by=by)

    def change(self, changes: EditorChanges, cadence: str = "", *, by: Actor) -> Draft:
        """Refresh the draft with what an editor asks of it."""
        return use_cases.compose.compose(self._context, self.name, cadence, by=by, changes=changes)

    def check(self, edition: int | None = None) -> CheckReport:
        """Write every letter and apply the rules; nothing is stored."""
        return use_cases.check.check(self._context, self.name, edition)

    def preview(self, edition: int | None = None, *, address: str = "") -> PreviewMail:
        """Return the mail with all categories, or as one subscriber gets it."""
        return use_cases.preview.preview(self._context, self.name, edition, address=address)

    def preview_week(self, week: str, *, address: str = "") -> tuple[PreviewMail, ...]:
        """Return the mails of a week such as `2026-W40`, also if no edition was made."""
        return use_cases.preview.preview_week(self._context, self.name, week, address=address)

    def diff(self, edition: int, other: int) -> EditionDiff:
        """Compare an edition with a later one."""
        return use_cases.diff.diff(self._context, edition, other)

    def approve(self, edition: int | None = None, *, by: Actor) -> Approval:
        """Check a draft and approve it exactly as it is."""
        return use_cases.approve.approve(self._context, self.name, edition, by=by)

    # --- sending it -----------------------------------------------------------------------------

    async def test(self, edition: int | None, addresses: list[str]) -> tuple[TestMail, ...]:
        """Send a marked copy to a few addresses; no delivery is recorded."""
        messages = use_cases.test.write_tests(self._context, self.name, edition, addresses)
        return await use_cases.test.send_tests(self._context, messages)

    def rehearse(self, edition: int | None = None) -> DryRun:
        """Return what `freeze` and `send` would do; nothing is stored or sent."""
        return use_cases.send.rehearse(self._context, self.name, edition)

    def freeze(
        self, edition: int | None = None, *, by: Actor, any_audience: bool = False
    ) -> StoredEdition:
        """Return the edition to send, frozen now if it was not."""
        return use_cases.send.freeze_now(
            self._context, self.name, edition, by=by, any_audience=any_audience
        )

    async def send(
        self,
        frozen: StoredEdition,
        *,
        outbox: Path | None = None,
        progress: Callable[[DeliveryState], None] = lambda _state: None,
    ) -> SendReport:
        """Send what is due of a frozen edition."""
        return await use_cases.send.send(self._context, frozen, outbox=outbox, progress=progress)

    def pause(self, edition: int, reason: str, *, by: Actor) -> Hold:
        """Hold an edition; mails in hand are finished."""
        return use_cases.hold.pause(self._context, edition, reason, by=by)

    def resume(self, edition: int, *, by: Actor) -> Hold:
        """Let a paused edition go on where it was."""
        return use_cases.hold.resume(self._context, edition, by=by)

    def cancel(self, edition: int, *, by: Actor) -> Hold:
        """Give an edition up: nothing more of it is sent."""
        return use_cases.hold.cancel(self._context, edition, by=by)

    def resolve(self, edition: int | None, *, resend: bool, by: Actor) -> tuple[int, int]:
        """Settle unknown deliveries; return the edition and how many."""
        return use_cases.resolve.resolve(self._context, self.name, edition, resend=resend, by=by)

    # --- looking --------------------------------------------------------------------------------

    def plan(self, weeks: int) -> Plan:
        """Return this newsletter's editions of the next weeks."""
        return use_cases.plan.plan(self._context, (self.name,), weeks=weeks)

    def status(self, edition: int) -> EditionStatus:
        """Return one edition's account."""
        return use_cases.status.read_edition(self._context, edition)

    def deliveries(self, address: str) -> tuple[PastDelivery, ...]:
        """Return what one person was sent of this newsletter."""
        return use_cases.deliveries.read_deliveries(self._context, address, self.name)
