"""Who gets an edition, and when: one wall clock, read in each subscriber's own zone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digest.models import AudienceGroup, CadenceAudience


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRule:
    """Who an edition goes to, how far back their windows reach, and when each is due."""

    newsletter: str
    cadence: str
    #: Subscribers without a cadence, or with one that is not known, belong to the first.
    is_first: bool
    #: Who is further behind gets what is newer.
    max_window: timedelta
    #: With more, the rarest windows are widened.
    max_variants: int
    #: The slot's wall clock where it counts in each subscriber's own zone; None: all at once.
    local_at: str | None
    #: The newsletter's, for subscribers who named none.
    timezone: str
    #: The newsletter's other cadences.
    others: tuple[str, ...] = ()

    @property
    def audience_key(self) -> CadenceAudience:
        """The subscribers of the cadence."""
        return CadenceAudience(self.newsletter, self.cadence, self.is_first, self.others)

    @property
    def is_local(self) -> bool:
        """Whether each subscriber's own clock counts."""
        return self.local_at is not None

    def due_at(self, group: AudienceGroup, *, at_once: datetime) -> datetime:
        """Give when a group's mail may go: at its own hour, but not before `at_once`."""
        if self.local_at is None:
            return at_once
        own = local_instant(self.local_at, group.zone, group.hour, default_zone=self.timezone)
        return max(own, at_once)


def approval_hash(content_hash: str, audience: AudienceRule) -> str:
    """Return the SHA-256, in hex, of what an approval names: the content and the audience rule.

    Stored as `approved_hash`, which has this one meaning everywhere. A field that is added to the
    rule, or renamed, voids every approval.
    """
    rule = json.dumps(asdict(audience), sort_keys=True, default=str)
    return hashlib.sha256(f"{content_hash}\0{rule}".encode()).hexdigest()


def local_instant(local_at: str, zone: str, hour: int | None, *, default_zone: str) -> datetime:
    """Give when it is a slot's wall clock where a subscriber lives.

    A time that the clocks skip moves forward by the gap's length, and of one that comes twice the
    first counts, as for slots (PEP 495, fold 0).

    Args:
        local_at: the slot, `2026-11-23T07:00`.
        zone: the subscriber's; empty or unknown: `default_zone`.
        hour: the subscriber's own, full; None: the slot's time.
        default_zone: the newsletter's.
    """
    local = datetime.fromisoformat(local_at)
    if hour is not None:
        local = local.replace(hour=hour, minute=0)
    return local.replace(tzinfo=_zone(zone) or ZoneInfo(default_zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Give a zone; None where a subscriber's word names none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
