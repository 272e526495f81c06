"""The preview of one edition: the exact mail of each variant, and the reasons behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from digest.newsroom.desk.rows import EditionPage, VariantRow
from digest.web.desk.visit import EditionId, OnVisit
from digest.web.guards import letter_policy


class Tab(StrEnum):
    """A tab of an edition's page."""

    MAIL = "mail"
    TEXT = "text"
    HEADERS = "headers"
    WHY = "why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A screen on which the mail is shown."""

    label: str
    #: In CSS pixels.
    width: int
    is_dark: bool


LOOKS = {
    "desktop": Look(label="Desktop", width=640, is_dark=False),
    "phone": Look(label="Phone", width=360, is_dark=False),
    "dark": Look(label="Desktop, dark", width=640, is_dark=True),
    "dark-phone": Look(label="Phone, dark", width=360, is_dark=True),
}

_DARK_QUERY = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


def show_edition(
    visit: OnVisit,
    edition_id: EditionId,
    variant: str = "",
    tab: Tab = Tab.MAIL,
    look: str = "desktop",
) -> HTMLResponse:
    """Show the mail of a variant, or the reasons for its content."""
    desk = visit.newsroom.desk
    head = desk.head(edition_id)
    page = desk.find_edition(edition_id)
    if page is None:
        raise HTTPException(404)
    chosen = _choose_variant(page, variant)
    return visit.page(
        "preview/show",
        head=head,
        page=page,
        chosen=chosen,
        mail=desk.read_mail(edition_id, chosen.key) if chosen else None,
        tab=tab,
        views=tuple(Tab),
        look=look if look in LOOKS else "desktop",
        looks=LOOKS,
    )


def show_mail(
    visit: OnVisit, edition_id: EditionId, variant: str, look: str = "desktop"
) -> HTMLResponse:
    """Show the mail in its frame, which can do nothing."""
    mail = visit.newsroom.desk.read_mail(edition_id, variant)
    if mail is None:
        raise HTTPException(404)
    is_dark = look in LOOKS and LOOKS[look].is_dark
    html = force_scheme(mail.html, is_dark=is_dark)
    return HTMLResponse(html, headers=_FRAME_HEADERS)


def force_scheme(html: str, *, is_dark: bool) -> str:
    """Return a mail that looks as on a light or a dark screen, on any screen.

    A frame follows the colour scheme of the editor's system; the page around it cannot change it.
    """
    return _DARK_QUERY.sub("@media all" if is_dark else "@media not all", html)


#: The mail is an untrusted page in our frame: no scripts, no forms, not our origin.
_FRAME_HEADERS = {
    "content-security-policy": letter_policy(allow_http_images=True, frame_ancestors="'self'"),
    "x-frame-options": "SAMEORIGIN",
}


def _choose_variant(page: EditionPage, key: str) -> VariantRow | None:
    widest = page.variants[0] if page.variants else None
    return next((variant for variant in page.variants if variant.key == key), widest)
