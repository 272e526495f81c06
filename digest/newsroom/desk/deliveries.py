"""Lists the deliveries of an edition page by page."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import DeliveryState
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store.delivery_list import ListedDelivery, page_bad, page_deliveries

#: The states that can be listed alone; the others have no index.
BAD = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """A page of the deliveries of an edition."""

    rows: tuple[ListedDelivery, ...]
    #: `after` of the next page, reason and id; None if this is the last.
    older: tuple[str, int] | None


def list_deliveries(
    context: RunContext,
    edition_id: int,
    *,
    state: DeliveryState | None = None,
    after: tuple[str, int] | None = None,
    most: int = 50,
) -> DeliveryPage:
    """Return a page of the deliveries of an edition, in the order of the subscribers' ids.

    Args:
        context: the installation's context.
        edition_id: the edition.
        state: one of `BAD`, in the order of their reasons; None for all.
        after: `DeliveryPage.older` of the page before; None for the first.
        most: the most to return.

    Raises:
        Missing: the edition does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        named_edition(connection, edition_id)
        if state is None:
            last = after[1] if after else 0
            found = page_deliveries(connection, edition_id, after=last, most=most + 1)
        else:
            found = page_bad(connection, edition_id, state, after=after, most=most + 1)
    shown = found[:most]
    if len(found) <= most:
        return DeliveryPage(rows=shown, older=None)
    last_row = shown[-1]
    older = ("", last_row.subscriber_id) if state is None else (last_row.reason, last_row.id)
    return DeliveryPage(rows=shown, older=older)
