"""What is known of editions without counting anything: checks, last audiences, outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from digest.models import Finding
from digest.store import desk_list
from digest.store.desk_list import DeskEdition
from digest.store.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """The newest check of a draft."""

    findings: tuple[Finding, ...]
    #: Size of the largest HTML in bytes; None if there is none.
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored about some editions."""

    #: By edition, of drafts.
    checks: Mapping[int, KnownCheck]
    #: By newsletter and cadence: the number of mails of the last edition.
    last_audiences: Mapping[tuple[str, str], int]
    #: By edition: the number of mails by state, only states that occur.
    outcomes: Mapping[int, tuple[tuple[str, int], ...]]


def read_known(connection: Connection, found: Collection[DeskEdition]) -> Known:
    """Return what is stored about these editions."""
    drafts = [each for each in found if each.frozen_at is None]
    cadences = sorted({(each.newsletter, each.cadence) for each in drafts})
    last = desk_list.newest_frozen(connection, cadences)
    return Known(
        checks={},
        last_audiences={(each.newsletter, each.cadence): each.frozen_count for each in last},
        outcomes={},
    )
