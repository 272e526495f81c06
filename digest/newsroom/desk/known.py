"""Reads stored results of editions, without counting: checks, last audiences, outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from digest.models import Finding
from digest.newsroom.context import RunContext
from digest.pipeline.audience import approval_hash
from digest.store import desk_list, examinations, figures
from digest.store.desk_list import DeskEdition
from digest.store.engine import Connection

#: Drafts whose check is looked up; a page has one or two.
_MOST_CHECKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """The newest check of a draft, if nothing changed since."""

    findings: tuple[Finding, ...]
    #: Size of the largest HTML in bytes; None if there is none.
    size: int | None
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Stored results of some editions."""

    #: By edition, of drafts.
    checks: Mapping[int, KnownCheck]
    #: By newsletter and cadence: the number of mails of the last edition.
    last_audiences: Mapping[tuple[str, str], int]
    #: By edition: the number of mails by state, only states that occur.
    outcomes: Mapping[int, tuple[tuple[str, int], ...]]


def read_known(
    context: RunContext, connection: Connection, found: Collection[DeskEdition]
) -> Known:
    """Return what is stored about these editions."""
    drafts = [each for each in found if each.frozen_at is None]
    cadences = sorted({(each.newsletter, each.cadence) for each in drafts})
    last = desk_list.newest_frozen(connection, cadences)
    ended = [each.id for each in found if each.frozen_at is not None]
    return Known(
        checks=_read_checks(context, connection, drafts),
        last_audiences={(each.newsletter, each.cadence): each.frozen_count for each in last},
        outcomes={
            edition_id: each.accounting.shown
            for edition_id, each in figures.read_stored(connection, ended).items()
        },
    )


def _read_checks(
    context: RunContext, connection: Connection, drafts: Collection[DeskEdition]
) -> dict[int, KnownCheck]:
    """Return the newest examinations of drafts that have not changed since."""
    known = {}
    for draft in list(drafts)[:_MOST_CHECKS]:
        found = examinations.newest(connection, draft.id)
        if found is not None and _present_hash(context, draft) in (found.made_from, found.hash):
            report = found.report
            known[draft.id] = KnownCheck(
                findings=report.findings,
                size=max((each.size for each in report.largest), default=None),
                subscribers=report.subscribers,
            )
    return known


def _present_hash(context: RunContext, draft: DeskEdition) -> str:
    """Return the hash that an examination of a draft as it is now has; empty if there is none."""
    owner = next((each for each in context.newsletters if each.name == draft.newsletter), None)
    if owner is None:
        return ""
    audience = owner.audience_of(draft.cadence, draft.local_at)
    return approval_hash(draft.content_hash, audience)
