"""Reads the status of the editions and feeds, and of one edition in detail."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Accounting, AuditEntry, StoredEdition
from digest.newsroom.clock import clock_problem
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store import closing
from digest.store.audit import entries_of
from digest.store.closing import StateCount, UnknownDelivery
from digest.store.edition_list import ListedEdition, list_editions
from digest.store.feeds import FeedHealth, list_feeds

__all__ = [
    "EditionStatus",
    "FeedHealth",
    "ListedEdition",
    "Status",
    "read_edition",
    "read_status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status of the installation or of one newsletter."""

    #: Newest first.
    editions: tuple[ListedEdition, ...]
    feeds: tuple[FeedHealth, ...]
    #: Why `digest run` does not trust the clock; empty if it does.
    clock_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStatus:
    """The status of one edition."""

    edition: StoredEdition
    accounting: Accounting
    #: Number of deliveries by state and reason, the most frequent first.
    reasons: tuple[StateCount, ...]
    #: Deliveries that were handed over and never answered.
    unknown: tuple[UnknownDelivery, ...]
    #: The audit rows of the edition, oldest first.
    history: tuple[AuditEntry, ...]


def read_status(context: RunContext, newsletter: str | None) -> Status:
    """Return the editions of a newsletter, or of all, and the feeds, with one query for each list.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        editions, feeds = list_editions(connection, newsletter), list_feeds(connection)
    return Status(editions=editions, feeds=feeds, clock_problem=clock_problem(context))


def read_edition(context: RunContext, edition_id: int) -> EditionStatus:
    """Return the status of one edition.

    Raises:
        UsageError: the edition does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        return EditionStatus(
            edition=named_edition(connection, edition_id),
            accounting=closing.read_accounting(connection, edition_id),
            reasons=closing.count_by_reason(connection, edition_id),
            unknown=closing.list_unknown(connection, edition_id),
            history=entries_of(connection, edition_id),
        )
