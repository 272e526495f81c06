"""The page for everybody about what is stored about subscribers."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from digest.text.languages import base_of, is_spoken
from digest.web.public.visit import OnPublic


def show(visit: OnPublic, newsletter: str = "", lang: str = "") -> HTMLResponse:
    """Show what is stored about subscribers."""
    if newsletter and not visit.pages.has(newsletter):
        raise HTTPException(404)
    return visit.pages.answer(
        "privacy",
        newsletter=newsletter,
        language=base_of(lang) if is_spoken(lang) else "",
        is_indexed=True,
        unconfirmed_days=ceil(visit.door.unconfirmed / timedelta(days=1)),
    )
