"""The use cases of sending at the desk: progress, orders, test mails, reports, webhooks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digest.newsroom import use_cases
from digest.newsroom.desk import use_cases as desk_cases
from digest.newsroom.outgoing import use_cases as outgoing_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.models import Actor, DeliveryState
    from digest.newsroom.context import RunContext
    from digest.newsroom.deliveries import SubscriberMails
    from digest.newsroom.desk.deliveries import DeliveryPage
    from digest.newsroom.desk.recent import RecentFigures
    from digest.newsroom.desk.report import Report
    from digest.newsroom.desk.sending import ListedDelivery, Progress, SendingPage
    from digest.newsroom.outgoing.shown import ShownWebhook
    from digest.newsroom.test import TestMail
    from digest.store.orders import SendOrder


class Sending:
    """The use cases of sending from the desk; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    @cached_property
    def _recent(self) -> RecentFigures:
        return desk_cases.recent.RecentFigures()

    def read(self, edition_id: int) -> SendingPage:
        """Return what the page of a send shows."""
        return desk_cases.sending.read_sending(self._context, edition_id, self._recent)

    def progress(self, edition_id: int, *, is_exact: bool = False) -> Progress:
        """Return how far the send of an edition is; exact for a decision that depends on it."""
        if is_exact:
            self._recent.forget(edition_id)
        recent = desk_cases.recent.RecentFigures() if is_exact else self._recent
        return desk_cases.sending.read_progress(self._context, edition_id, recent)

    def list_mails(
        self, edition_id: int, state: DeliveryState, *, reason: str | None, after: int
    ) -> tuple[ListedDelivery, ...]:
        """Return a page of the mails that were not sent."""
        return desk_cases.sending.list_mails(
            self._context, edition_id, state, reason=reason, after=after
        )

    def page(
        self,
        edition_id: int,
        *,
        state: DeliveryState | None = None,
        after: tuple[str, int] | None = None,
        most: int = 50,
    ) -> DeliveryPage:
        """Return a page of the deliveries of an edition."""
        return desk_cases.deliveries.list_deliveries(
            self._context, edition_id, state=state, after=after, most=most
        )

    def find(self, address: str, *, most: int = 200, before: int | None = None) -> SubscriberMails:
        """Return what was sent to an address, and what its server answered."""
        return use_cases.deliveries.read_deliveries(
            self._context, address, most=most, before=before
        )

    # --- orders ---------------------------------------------------------------------------------

    def order(
        self, edition_id: int, *, is_at_once: bool, any_audience: bool, by: Actor
    ) -> SendOrder:
        """Order an edition to be sent by `digest run`."""
        return use_cases.order.order_send(
            self._context, edition_id, is_at_once=is_at_once, any_audience=any_audience, by=by
        )

    def withdraw(self, edition_id: int, *, by: Actor) -> None:
        """Take back an order that waits."""
        use_cases.order.withdraw_order(self._context, edition_id, by=by)

    # --- test mails -----------------------------------------------------------------------------

    def testers(self, edition_id: int, *, by: Actor) -> tuple[str, ...]:
        """Return who may get test mails of an edition."""
        return use_cases.test_mails.list_testers(self._context, edition_id, by=by)

    async def test(
        self, edition_id: int, addresses: Sequence[str], *, as_address: str, by: Actor
    ) -> tuple[TestMail, ...]:
        """Send test mails to some testers."""
        return await use_cases.test_mails.send_to_testers(
            self._context, edition_id, addresses, as_address=as_address, by=by
        )

    # --- reports --------------------------------------------------------------------------------

    def report(self, newsletter: str) -> Report:
        """Return a newsletter's editions and subscribers over time."""
        return desk_cases.report.read_report(self._context, newsletter, self._recent)

    def report_csv(self, newsletter: str) -> Iterator[str]:
        """Return the editions of a report as CSV, in pieces."""
        return desk_cases.csv_files.report_csv(self._context, newsletter)

    def days_csv(self, newsletter: str) -> Iterator[str]:
        """Return the days of a report as CSV, in pieces."""
        return desk_cases.csv_files.days_csv(self._context, newsletter)

    def deliveries_csv(self, edition_id: int, *, shows_people: bool) -> Iterator[str]:
        """Return the deliveries of an edition as CSV, in pieces."""
        return desk_cases.csv_files.deliveries_csv(
            self._context, edition_id, shows_people=shows_people
        )

    def webhooks(self) -> tuple[ShownWebhook, ...]:
        """Return the webhooks that get events, and how they answer."""
        return outgoing_cases.shown.list_webhooks(self._context)
