"""The use cases of one newsletter, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom import use_cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.models import (
        Accounts,
        Actor,
        DeliveryState,
        EditorChanges,
        Resolution,
        StoredEdition,
    )
    from digest.newsroom.approve import Approval
    from digest.newsroom.check import CheckReport
    from digest.newsroom.compose import Draft
    from digest.newsroom.context import RunContext
    from digest.newsroom.deliveries import PastDelivery
    from digest.newsroom.diff import EditionDiff
    from digest.newsroom.hold import Hold
    from digest.newsroom.plan import Plan
    from digest.newsroom.preview import PreviewMail
    from digest.newsroom.resolve import Resolved
    from digest.newsroom.send import DryRun, SendReport
    from digest.newsroom.status import EditionStatus
    from digest.newsroom.test import TestMail


class Newsletter:
    """The use cases of one newsletter; each is documented in its own module.

    `edition` is an edition's id; None for the newest edition that the use case can act on.
    """

    def __init__(self, context: RunContext, name: str) -> None:
        self._context = context
        #: Its name; the newsletter may be only in the database if it is no longer configured.
        self.name = name

    # --- composing ------------------------------------------------------------------------------

    def compose(self, cadence: str = "", *, by: Actor) -> Draft:
        """Make or refresh the draft of the next slot."""
        return use_cases.compose.compose(self._context, self.name, cadence, by=by)

    def change(self, changes: EditorChanges, cadence: str = "", *, by: Actor) -> Draft:
        """Refresh the draft with an editor's changes."""
        return use_cases.compose.compose(self._context, self.name, cadence, by=by, changes=changes)

    def account(self, draft: Draft) -> Accounts:
        """Return the posts that a draft does not show, and why."""
        return use_cases.compose.account(self._context, draft)

    def account_next(self, cadence: str = "") -> Accounts:
        """Return the posts since the last edition, and why they make no edition."""
        return use_cases.compose.account_next(self._context, self.name, cadence)

    def feed_trouble(self) -> str:
        """Return why there are no new posts, if none of its feeds could be read; else empty."""
        return use_cases.compose.feed_trouble(self._context, self.name)

    def check(self, edition: int | None = None) -> CheckReport:
        """Write every letter and apply the rules; nothing is stored."""
        return use_cases.check.check(self._context, self.name, edition)

    def preview(self, edition: int | None = None, *, address: str = "") -> PreviewMail:
        """Return the mail with all categories, or the mail of one subscriber."""
        return use_cases.preview.preview(self._context, self.name, edition, address=address)

    def preview_week(self, week: str, *, address: str = "") -> tuple[PreviewMail, ...]:
        """Return the mails of a week such as `2026-W40`, even if no edition was made."""
        return use_cases.preview.preview_week(self._context, self.name, week, address=address)

    def diff(self, edition: int, other: int) -> EditionDiff:
        """Compare an edition with a later one."""
        return use_cases.diff.diff(self._context, edition, other)

    def approve(self, edition: int | None = None, *, by: Actor) -> Approval:
        """Check a draft and approve exactly the checked content."""
        return use_cases.approve.approve(self._context, self.name, edition, by=by)

    # --- sending --------------------------------------------------------------------------------

    async def test(self, edition: int | None, addresses: list[str]) -> tuple[TestMail, ...]:
        """Send a marked copy to a few addresses; no delivery is stored."""
        messages = use_cases.test.write_tests(self._context, self.name, edition, addresses)
        return await use_cases.test.send_tests(self._context, messages)

    def rehearse(self, edition: int | None = None) -> DryRun:
        """Return what `freeze` and `send` would do, without storing or sending anything."""
        return use_cases.send.rehearse(self._context, self.name, edition)

    async def ask_again(self, edition: int | None = None) -> None:
        """Ask the sites whether the comments that a draft quotes are still there."""
        await use_cases.removed.ask_for_sendable(self._context, self.name, edition)

    def removed_from(self, frozen: StoredEdition) -> tuple[str, ...]:
        """Return the comments that their sites had removed before the freeze, one line each."""
        return use_cases.removed.removed_from(frozen)

    def freeze(
        self, edition: int | None = None, *, by: Actor, any_audience: bool = False
    ) -> StoredEdition:
        """Return the edition to send; freeze it if it is not frozen yet."""
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
        """Send the due deliveries of a frozen edition."""
        return await use_cases.send.send(self._context, frozen, outbox=outbox, progress=progress)

    def pause(self, edition: int, reason: str, *, by: Actor) -> Hold:
        """Pause an edition; handovers that have begun are finished."""
        return use_cases.hold.pause(self._context, edition, reason, by=by)

    def resume(self, edition: int, *, by: Actor) -> Hold:
        """Continue a paused edition where it was."""
        return use_cases.hold.resume(self._context, edition, by=by)

    def cancel(self, edition: int, *, by: Actor) -> Hold:
        """Cancel an edition: no more of its mails are sent."""
        return use_cases.hold.cancel(self._context, edition, by=by)

    def resolve(self, edition: int | None, how: Resolution, *, by: Actor) -> Resolved:
        """Settle unknown deliveries."""
        return use_cases.resolve.resolve(self._context, self.name, edition, how, by=by)

    # --- reports --------------------------------------------------------------------------------

    def plan(self, weeks: int) -> Plan:
        """Return this newsletter's editions of the next weeks."""
        return use_cases.plan.plan(self._context, (self.name,), weeks=weeks)

    def status(self, edition: int) -> EditionStatus:
        """Return the status of one edition."""
        return use_cases.status.read_edition(self._context, edition)

    def deliveries(self, address: str) -> tuple[PastDelivery, ...]:
        """Return the deliveries of one subscriber for this newsletter."""
        return use_cases.deliveries.read_deliveries(self._context, address, self.name)
