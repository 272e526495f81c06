"""The notices to approvers: an edition waits for them, or their approval is void."""

from __future__ import annotations

from datetime import datetime

from digest.composer.snapshot import edition_from_json
from digest.models import StoredEdition
from digest.newsroom.context import WEBHOOK, RunContext
from digest.newsroom.service.notices import notify
from digest.pipeline.audience import general_rule, variant_for
from digest.store import examinations
from digest.text.counted import counted

_KIND = "approval"


def approvers_of(context: RunContext, newsletter: str) -> tuple[str, ...]:
    """Return who is notified: the newsletter's approvers, and the webhook of `[alerts]`.

    Raises:
        UsageError: the newsletter does not exist.
    """
    webhook = (WEBHOOK,) if context.alerts.webhook else ()
    return (*context.newsletter_of(newsletter).approvers, *webhook)


def tell_waiting(
    context: RunContext,
    stored: StoredEdition,
    headline: str,
    *,
    key: str,
    until: datetime,
    now: datetime,
) -> bool:
    """Notify the approvers that an edition waits for them; once for each key.

    Args:
        context: the installation's context.
        stored: the edition.
        headline: the subject of the mail, such as `weekly, 2026-11-23 07:00: edition 3 is due`.
        key: names the edition and the stage of its wait.
        until: when the wait ends.
        now: the time.

    Returns:
        Whether a notice was stored.
    """
    lines = [
        headline,
        *_describe(context, stored),
        f"Look at it with `digest preview {stored.id}`, or on the admin pages under Editions, then"
        f" run `digest approve {stored.id}`, or approve it there, before {_in_utc(until)}; after"
        " that it is cancelled.",
    ]
    recipients = approvers_of(context, stored.newsletter)
    return notify(context.database, _KIND, key, "\n".join(lines), recipients, now=now)


def tell_void(context: RunContext, stored: StoredEdition, why: str, *, now: datetime) -> bool:
    """Notify the approvers that their approval of an edition is void; once for each content.

    Args:
        context: the installation's context.
        stored: the edition as it is now.
        why: the reason, as a part of a sentence, such as `its content changed`.
        now: the time.

    Returns:
        Whether a notice was stored.
    """
    name = f"{stored.newsletter}, {stored.hour}"
    lines = [
        f"{name}: the approval of edition {stored.id} is void because {why}",
        *_describe(context, stored),
        f"See what changed on the admin pages, then approve it again there or with `digest approve"
        f" {stored.id}`. Without that it is not sent.",
    ]
    key = f"{stored.newsletter}/{stored.cadence}/{stored.local_at}/void/{stored.content_hash[:12]}"
    recipients = approvers_of(context, stored.newsletter)
    return notify(context.database, _KIND, key, "\n".join(lines), recipients, now=now)


def _describe(context: RunContext, stored: StoredEdition) -> list[str]:
    """Return lines on what the edition has, and what its last examination found."""
    edition = edition_from_json(stored.snapshot)
    variant = variant_for(edition, general_rule(edition))
    lines = [
        f"Subject: {variant.subject}" if variant else "",
        counted(len(edition.stories), "story", "stories"),
    ]
    with context.database.read() as connection:
        examined = examinations.newest(connection, stored.id)
    if examined is not None:
        report = examined.report
        errors = counted(report.errors, "finding that blocks it", "findings that block it")
        lines.append(f"{counted(report.subscribers, 'subscriber')}, {errors}")
    return [line for line in lines if line]


def _in_utc(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
