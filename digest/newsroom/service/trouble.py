"""Alerts about editions that cannot be sent now, one for each edition and kind of cause."""

from __future__ import annotations

from digest.errors import RelayRefusal, RelaySetupError
from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.service.fence import in_one_line
from digest.newsroom.service.notices import notify


def alert_of_trouble(context: RunContext, stored: StoredEdition, error: Exception) -> None:
    """Store an alert that says why an edition, or a part of it, cannot be sent now."""
    what, kind = _describe(error)
    text = (
        f"{stored.newsletter}: edition {stored.id} {what}: {in_one_line(error)}\n"
        f"See `digest status {stored.id}`; `digest send {stored.id}` tries at once what is due."
    )
    key = f"{stored.newsletter}/{stored.cadence}/{stored.local_at}/send/{kind}"
    notify(context.database, "alert", key, text, context.alerts.recipients, now=context.clock())


def _describe(error: Exception) -> tuple[str, str]:
    """Return what happened, and a key for it: a refusal may have other words each time."""
    if isinstance(error, RelaySetupError):
        return "cannot be sent until the configuration is corrected", "setup"
    if isinstance(error, RelayRefusal):
        what = "was stopped" if error.is_stop else "has mails that were refused"
        return f"{what}; it is tried again later", "refused"
    return "cannot be sent now; it is tried again by and by", in_one_line(error)
