"""The page of a send: how far it is, and the forms that order, hold and settle it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import HTTPException
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from digest.errors import StoreError
from digest.models import DeliveryState, EditionState, Resolution
from digest.newsroom.desk.sending import MOST_LISTED, Progress, with_rate
from digest.text.counted import counted
from digest.web.desk.sending_charts import minutes_chart, outcome_chart
from digest.web.desk.visit import EditionId, OnVisit, Visit
from digest.web.forms import SentForm, first_of

#: Seconds between two looks at a send that is watched.
EVERY_S = 2.0
#: A browser asks again after this number of looks; so a stopping server waits for none.
_MOST_LOOKS = 90
#: Looks over which the rate is measured.
_MEASURED = 5
_SHOWN = {
    state.value: state
    for state in (
        DeliveryState.FAILED,
        DeliveryState.UNKNOWN,
        DeliveryState.SKIPPED,
        DeliveryState.DEFERRED,
    )
}
#: The ways to settle unknown mails, by the value of the form.
_WAYS = {
    "resend": Resolution.RESEND,
    "sent": Resolution.ASSUME_SENT,
    "lost": Resolution.ASSUME_LOST,
}
_MOST_REASON = 64


def show(visit: OnVisit, edition_id: EditionId) -> HTMLResponse:
    """Show how far a send is, or how to begin it."""
    return visit.page("sending/show", **_values(visit, edition_id))


def _values(visit: Visit, edition_id: int) -> dict[str, Any]:
    page = visit.newsroom.sending.read(edition_id)
    progress, result = page.progress, page.result
    return {
        "page": page,
        "head": page.head,
        "progress": progress,
        "result": result,
        "minutes": minutes_chart(progress.minutes, page.head.timezone),
        "outcome": outcome_chart(result) if result else None,
    }


# --- watching -------------------------------------------------------------------------------------


async def watch(visit: OnVisit, edition_id: EditionId, state: str = "") -> StreamingResponse:
    """Send the changing part of the page every two seconds, until another page fits the state."""
    await asyncio.to_thread(visit.newsroom.sending.progress, edition_id)
    looks = _looks(visit, edition_id, state)
    # Some proxies hold back what they could join.
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(looks, media_type="text/event-stream", headers=headers)


async def _looks(visit: Visit, edition_id: int, state: str) -> AsyncIterator[str]:
    seen: deque[Progress] = deque(maxlen=_MEASURED)
    yield "retry: 1000\n\n"
    for _ in range(_MOST_LOOKS):
        try:
            html = await asyncio.to_thread(_look, visit, edition_id, state, seen)
        except StoreError:
            return  # the browser asks again
        if html is None:
            yield "event: done\ndata: \n\n"
            return
        lines = "".join(f"data: {line}\n" for line in html.splitlines())
        yield f"event: progress\n{lines}\n"
        await asyncio.sleep(EVERY_S)


def _look(visit: Visit, edition_id: int, state: str, seen: deque[Progress]) -> str | None:
    progress = visit.newsroom.sending.progress(edition_id)
    if not progress.is_live or progress.state != state:
        return None
    seen.append(progress)
    zone = visit.newsroom.desk.head(edition_id).timezone
    answer = visit.page(
        "sending/live",
        progress=_measured(seen),
        minutes=minutes_chart(progress.minutes, zone),
    )
    return bytes(answer.body).decode()


def _measured(seen: Sequence[Progress]) -> Progress:
    """Return the last look, with the rate since the first that is remembered."""
    first, last = seen[0], seen[-1]
    if len(seen) < _MEASURED or last.state is not EditionState.SENDING:
        return last
    span_s = (last.now - first.now).total_seconds()
    return with_rate(last, (last.accounting.sent - first.accounting.sent) / max(span_s, 1.0))


def list_mails(
    visit: OnVisit,
    edition_id: EditionId,
    state: str = "failed",
    reason: str | None = None,
    after: int = 0,
) -> HTMLResponse:
    """List mails that were not sent, with the words of their servers."""
    wanted = _SHOWN.get(state)
    if wanted is None or not 0 <= after < 2**31:
        raise HTTPException(404)
    mails = visit.newsroom.sending.list_mails(edition_id, wanted, reason=reason, after=after)
    return visit.page(
        "sending/mails",
        head=visit.newsroom.desk.head(edition_id),
        mails=mails,
        is_full=len(mails) >= MOST_LISTED,
        state=wanted,
        reason=reason,
    )


# --- ordering and holding -------------------------------------------------------------------------


def order(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Order an edition to be sent, or a stopped one to be tried again."""
    visit.newsroom.sending.order(
        edition_id,
        is_at_once=first_of(form, "now") == "yes",
        any_audience=first_of(form, "any_audience") == "yes",
        by=visit.actor,
    )
    return _done(visit, edition_id, "Sending is ordered.")


def withdraw(visit: OnVisit, edition_id: EditionId) -> Response:
    """Take back an order that waits."""
    visit.newsroom.sending.withdraw(edition_id, by=visit.actor)
    return _done(visit, edition_id, "The order is withdrawn; nothing was sent.")


def pause(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Pause an edition."""
    reason = " ".join(first_of(form, "reason").split())[:_MOST_REASON]
    newsletter = visit.newsroom.newsletter_with(edition_id)
    hold = newsletter.pause(edition_id, reason or "from the desk", by=visit.actor)
    return _done(visit, edition_id, f"Paused; {counted(hold.open, 'mail')} left.")


def resume(visit: OnVisit, edition_id: EditionId) -> Response:
    """Continue a paused edition."""
    hold = visit.newsroom.newsletter_with(edition_id).resume(edition_id, by=visit.actor)
    return _done(visit, edition_id, f"Resumed; it is {hold.state} again.")


def cancel(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Cancel an edition whose number was typed."""
    head = visit.newsroom.desk.head(edition_id)
    if first_of(form, "confirm").strip() != f"{head.number}":
        problem = f"Nothing was changed: type {head.number}, the edition's number, to cancel it."
        return visit.refused("sending/show", problem, **_values(visit, edition_id))
    hold = visit.newsroom.newsletter_with(edition_id).cancel(edition_id, by=visit.actor)
    return _done(
        visit, edition_id, f"Cancelled; {counted(hold.given_up, 'mail')} will not be sent."
    )


def resolve(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Settle unknown mails, whose number was typed."""
    progress = visit.newsroom.sending.progress(edition_id, is_exact=True)
    way, unknown = _WAYS.get(first_of(form, "way")), progress.accounting.unknown
    if way is None or first_of(form, "confirm").strip() != f"{unknown}":
        problem = f"Nothing was changed: choose a way and type {unknown}, the number of mails."
        return visit.refused("sending/show", problem, **_values(visit, edition_id))
    newsletter = visit.newsroom.newsletter_with(edition_id)
    done = newsletter.resolve(edition_id, way, by=visit.actor, seen=unknown)
    return _done(visit, edition_id, f"{counted(done.count, 'mail')} {_SETTLED[way]}.")


_SETTLED = {
    Resolution.RESEND: "will be sent again",
    Resolution.ASSUME_SENT: "counted as sent",
    Resolution.ASSUME_LOST: "counted as failed; the next edition has their posts",
}


def _done(visit: Visit, edition_id: int, said: str) -> Response:
    return visit.done(f"/editions/{edition_id}/sending", said)
