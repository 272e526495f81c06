"""The approval of an edition: what it is decided by, and the decision."""

from __future__ import annotations

from typing import Any

from fastapi.responses import HTMLResponse, Response

from digest.errors import DigestError, Refused, UsageError
from digest.newsroom.proof.parts import name_rules
from digest.text.counted import counted
from digest.web.desk.visit import EditionId, OnVisit, Visit
from digest.web.forms import SentForm, first_of


def show(visit: OnVisit, edition_id: EditionId) -> HTMLResponse:
    """Show what an approver decides by."""
    return _page(visit, edition_id)


def examine(visit: OnVisit, edition_id: EditionId) -> Response:
    """Check every letter and count the audience now."""
    made = visit.newsroom.proofs.examine(edition_id, by=visit.actor)
    said = (
        f"Checked: {counted(made.report.variants, 'variant')} for"
        f" {counted(made.report.subscribers, 'subscriber')},"
        f" {counted(len(made.report.findings), 'finding')}."
    )
    return visit.done(f"/editions/{edition_id}/approve", said)


def approve(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Approve exactly what the form names."""
    looked_at, typed = first_of(form, "hash"), first_of(form, "typed")
    try:
        approval = visit.newsroom.proofs.approve(
            edition_id, looked_at=looked_at, typed=typed, by=visit.actor
        )
    except (UsageError, Refused) as error:
        return _page(visit, edition_id, problem=error)
    said = (
        f"Approved for {counted(approval.subscribers, 'subscriber')}."
        " Until it is sent, you can take the approval back on this page."
    )
    return visit.done(f"/editions/{edition_id}/approve", said)


def withdraw(visit: OnVisit, edition_id: EditionId) -> Response:
    """Take the approval back."""
    visit.newsroom.proofs.withdraw(edition_id, by=visit.actor)
    said = "The approval is taken back. The edition is a draft again."
    return visit.done(f"/editions/{edition_id}/approve", said)


def cancel(visit: OnVisit, edition_id: EditionId) -> Response:
    """Cancel the edition: nothing of it is sent."""
    newsletter = visit.newsroom.newsletter_with(edition_id)
    newsletter.cancel(edition_id, by=visit.actor)
    said = "The edition is cancelled. Its posts come with the next one."
    return visit.done(f"/editions/{edition_id}/approve", said)


def _page(visit: Visit, edition_id: int, problem: DigestError | None = None) -> HTMLResponse:
    review = visit.newsroom.proofs.review(edition_id)
    report = review.examination.report if review.examination else None
    values: dict[str, Any] = {
        "head": visit.newsroom.desk.head(edition_id),
        "review": review,
        "report": report,
        "found": name_rules(report.findings) if report else (),
    }
    if problem is None:
        return visit.page("approve/show", problem="", **values)
    is_conflict = isinstance(problem, Refused)
    return visit.refused("approve/show", str(problem), is_conflict=is_conflict, **values)
