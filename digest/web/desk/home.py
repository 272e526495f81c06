"""The first page, and the plan of the next weeks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from digest.web.desk.visit import OnVisit


def show(visit: OnVisit) -> HTMLResponse:
    """Show what needs a person now, what comes next, and how the last edition went."""
    return visit.page("home/show", home=visit.newsroom.desk.home())


def show_plan(visit: OnVisit, weeks: Annotated[int, Query(ge=1, le=26)] = 6) -> HTMLResponse:
    """Show the editions of the next weeks."""
    return visit.page("home/plan", plan=visit.newsroom.desk.coming(weeks))
