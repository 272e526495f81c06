"""The use cases of one newsletter, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom import use_cases

if TYPE_CHECKING:
    from digest.models import Actor, Resolution
    from digest.newsroom.approve import Approval
    from digest.newsroom.check import CheckReport
    from digest.newsroom.context import RunContext
    from digest.newsroom.deliveries import SubscriberMails
    from digest.newsroom.diff import EditionDiff
    from digest.newsroom.hold import Hold
    from digest.newsroom.plan import Plan
    from digest.newsroom.preview import PreviewMail
    from digest.newsroom.resolve import Resolved
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

    # --- a draft --------------------------------------------------------------------------------

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

    def approve(self, edition: int | None = None, *, looked_at: str = "", by: Actor) -> Approval:
        """Check a draft and approve exactly the checked content."""
        return use_cases.approve.approve(
            self._context, self.name, edition, looked_at=looked_at, by=by
        )

    def withdraw(self, edition: int | None = None, *, by: Actor) -> int:
        """Take the approval of an edition back; return its id."""
        return use_cases.approve.withdraw(self._context, self.name, edition, by=by)

    async def test(self, edition: int | None, addresses: list[str]) -> tuple[TestMail, ...]:
        """Send a marked copy to a few addresses; no delivery is stored."""
        messages = use_cases.test.write_tests(self._context, self.name, edition, addresses)
        return await use_cases.test.send_tests(self._context, messages)

    # --- the send -------------------------------------------------------------------------------

    def pause(self, edition: int, reason: str, *, by: Actor) -> Hold:
        """Pause an edition; handovers that have begun are finished."""
        return use_cases.hold.pause(self._context, edition, reason, by=by)

    def resume(self, edition: int, *, by: Actor) -> Hold:
        """Continue a paused edition where it was."""
        return use_cases.resume.resume(self._context, edition, by=by)

    def cancel(self, edition: int, *, by: Actor) -> Hold:
        """Cancel an edition: no more of its mails are sent."""
        return use_cases.hold.cancel(self._context, edition, by=by)

    def resolve(
        self, edition: int | None, how: Resolution, *, by: Actor, seen: int | None = None
    ) -> Resolved:
        """Settle unknown deliveries."""
        return use_cases.resolve.resolve(self._context, self.name, edition, how, by=by, seen=seen)

    # --- reports --------------------------------------------------------------------------------

    def plan(self, weeks: int) -> Plan:
        """Return this newsletter's editions of the next weeks."""
        return use_cases.plan.plan(self._context, (self.name,), weeks=weeks)

    def status(self, edition: int) -> EditionStatus:
        """Return the status of one edition."""
        return use_cases.status.read_edition(self._context, edition)

    def deliveries(self, address: str) -> SubscriberMails:
        """Return the deliveries of one subscriber for this newsletter."""
        return use_cases.deliveries.read_deliveries(self._context, address, self.name)
