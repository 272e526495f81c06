"""The editions: listed, looked at, checked, approved, held, cancelled."""

from __future__ import annotations

from digest.newsroom.hold import Hold
from digest.web.api.call import Cursor, EditionId, Limit, NewsletterQuery, OnCall
from digest.web.api.cursors import read_id, write_cursor
from digest.web.api.problems import Problem
from digest.web.api.shapes import editions as shapes


def list_editions(
    call: OnCall, newsletter: NewsletterQuery = "", limit: Limit = 25, cursor: Cursor = ""
) -> shapes.Editions:
    """Return a page of the editions, newest first."""
    page = call.newsroom.desk.list_editions(newsletter, before=read_id(cursor), most=limit)
    return shapes.Editions(
        editions=list(map(shapes.Edition.of_row, page.rows)),
        next="" if page.older is None else write_cursor("", page.older),
    )


def show(call: OnCall, edition_id: EditionId) -> shapes.Edition:
    """Return one edition."""
    return shapes.Edition.of_row(call.newsroom.desk.row(edition_id))


def list_variants(call: OnCall, edition_id: EditionId) -> shapes.Variants:
    """Return the variants of an edition; of a draft those of its newest check."""
    return shapes.Variants.model_validate(call.newsroom.desk.variants(edition_id))


def list_findings(call: OnCall, edition_id: EditionId) -> shapes.Findings:
    """Return what was found at the newest check of a draft, or at the freeze."""
    return shapes.Findings.model_validate(call.newsroom.desk.findings(edition_id))


def show_history(call: OnCall, edition_id: EditionId) -> shapes.History:
    """Return who did what with an edition, newest first."""
    return shapes.History.model_validate(call.newsroom.desk.history(edition_id))


def show_review(call: OnCall, edition_id: EditionId) -> shapes.Review:
    """Return where the approval of an edition stands."""
    return shapes.Review.of(call.newsroom.proofs.review(edition_id))


def check(call: OnCall, edition_id: EditionId) -> shapes.Checked:
    """Write and check every letter of a draft, count its audience, and store the result."""
    made = call.newsroom.proofs.examine(edition_id, by=call.actor)
    return shapes.Checked.of(made.report, edition=made.edition_id, hash=made.hash)


def approve(call: OnCall, edition_id: EditionId, wanted: shapes.Approve) -> shapes.Approval:
    """Approve exactly the checked content that the hash names."""
    approval = call.newsroom.proofs.approve(
        edition_id, looked_at=wanted.hash, typed=f"{wanted.subscribers}", by=call.actor
    )
    return shapes.Approval.model_validate(approval)


def withdraw(call: OnCall, edition_id: EditionId) -> shapes.State:
    """Take the approval of an edition back."""
    call.newsroom.proofs.withdraw(edition_id, by=call.actor)
    return shapes.State(edition=edition_id, state=call.newsroom.desk.head(edition_id).state)


def pause(call: OnCall, edition_id: EditionId, wanted: shapes.Pause) -> shapes.Held:
    """Pause an edition; handovers that have begun are finished."""
    newsletter = call.newsroom.newsletter_with(edition_id)
    reason = " ".join(wanted.reason.split()) or "by the API"
    return _held(newsletter.pause(edition_id, reason, by=call.actor))


def resume(call: OnCall, edition_id: EditionId) -> shapes.Held:
    """Continue a paused edition where it was."""
    newsletter = call.newsroom.newsletter_with(edition_id)
    return _held(newsletter.resume(edition_id, by=call.actor))


def cancel(call: OnCall, edition_id: EditionId, wanted: shapes.Cancel) -> shapes.Held:
    """Cancel an edition: no more of its mails are sent."""
    number = call.newsroom.desk.head(edition_id).number
    if wanted.number != number:
        raise Problem(
            422, f"edition {edition_id}: was not cancelled", "Send `number` of the edition."
        )
    newsletter = call.newsroom.newsletter_with(edition_id)
    return _held(newsletter.cancel(edition_id, by=call.actor))


def _held(hold: Hold) -> shapes.Held:
    return shapes.Held.of(hold, edition=hold.edition_id)
