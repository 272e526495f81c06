"""Judges the first mails of an edition before the others are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import FirstMails
from digest.sender.holds import Hold, HoldKind
from digest.text.counted import counted

#: How soon to ask again while the answers to the first mails are missing.
_ASK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Rules that judge the first mails."""

    #: The number of mails.
    first: int
    #: How long to wait after them; mails that were deferred are tried again meanwhile.
    wait: timedelta
    #: The greatest share of them that may not be accepted.
    max_failed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The mails that may be sent now."""

    #: Mails that may be tried for the first time; None: no limit, the first mails were judged.
    most_new: int | None = 0
    #: Why the edition must be paused; empty if it need not be.
    fault: str = ""
    #: What holds the others back; None if nothing does.
    hold: Hold | None = None


def judge_first(canary: Canary, counts: FirstMails, now: datetime) -> Verdict:
    """Decide what may be sent of an edition whose first mails were not judged yet."""
    if counts.tried < canary.first:
        return Verdict(most_new=canary.first - counts.tried)
    judged_at = (counts.last_at or now) + canary.wait
    if now < judged_at <= now + canary.wait:  # a clock that was set back does not hold longer
        return Verdict(hold=_hold(canary, judged_at))
    judged = counts.sent + counts.refused
    if not judged:
        return Verdict(hold=_hold(canary, now + _ASK_AGAIN))
    if counts.refused > canary.max_failed * judged:
        were = f"{counted(judged, 'mail')} {'was' if counts.refused == 1 else 'were'}"
        return Verdict(fault=f"canary: {counts.refused} of the first {were} not accepted")
    return Verdict(most_new=None)


def _hold(canary: Canary, until: datetime) -> Hold:
    return Hold(
        kind=HoldKind.CANARY,
        reason=f"{counted(canary.first, 'mail')} tried first; the others wait for the answers",
        until=until,
        release="Ends by itself; if too many are refused, the edition is paused until"
        " `digest resume`.",
    )
