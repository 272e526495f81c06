"""The public archive: the list of past editions, its feed, and the page of each edition.

Nobody needs a link with a token for these pages, so caches may keep them for a few minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import HTTPException, Path, Query
from fastapi.responses import RedirectResponse, Response

from digest.models.paths import PublicPath
from digest.newsroom.self_service.archive import ArchiveEntry
from digest.web.public.atom import MEDIA_TYPE, write_feed
from digest.web.public.conditional import answer_if_changed
from digest.web.public.visit import NewsletterName, OnPublic, known

#: A form that no number of an edition exceeds; any other is an unknown page.
EditionNumber = Annotated[str, Path(pattern=r"^[1-9][0-9]{0,8}$")]
PageNumber = Annotated[str, Query(pattern=r"^[1-9][0-9]{0,5}$")]
CadenceName = Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")]


def show_archives(visit: OnPublic) -> Response:
    """Go to the archive, or to the home page if there are several."""
    # Visitors shorten addresses; several archives are found on the home page.
    names = visit.door.archive.newsletters
    if not names:
        raise HTTPException(404)
    only = f"/{PublicPath.ARCHIVE}/{names[0]}" if len(names) == 1 else "/"
    return RedirectResponse(f"{visit.door.root}{only}", 302)


def show_list(
    visit: OnPublic,
    newsletter: NewsletterName,
    page: PageNumber = "1",
    cadence: CadenceName = "",
) -> Response:
    """Show the list of past editions."""
    archive = visit.door.archive
    found = known(archive.list_editions(newsletter, cadence=cadence, page=int(page)))
    answer = visit.pages.answer(
        "archive", newsletter=newsletter, is_indexed=found.is_indexed, archive=found
    )
    return answer_if_changed(visit.request, visit.with_pictures(answer), _newest(found.entries))


def show_feed(visit: OnPublic, newsletter: NewsletterName, cadence: CadenceName = "") -> Response:
    """Return the feed of past editions (Atom)."""
    found = known(visit.door.archive.list_editions(newsletter, cadence=cadence))

    def write_content(entry: ArchiveEntry) -> str:
        return visit.pages.part("archive-content", language=found.language, letter=entry.letter)

    answer = Response(write_feed(found, write_content), media_type=MEDIA_TYPE)
    _set_robots(answer, is_indexed=found.is_indexed)
    return answer_if_changed(visit.request, answer, _newest(found.entries))


def show_edition(visit: OnPublic, newsletter: NewsletterName, number: EditionNumber) -> Response:
    """Show a past edition."""
    found = known(visit.door.archive.show_edition(newsletter, int(number)))
    answer = visit.letter(found.html)
    _set_robots(answer, is_indexed=found.is_indexed)
    return answer_if_changed(visit.request, answer, found.changed_at)


def _newest(entries: tuple[ArchiveEntry, ...]) -> datetime | None:
    return max((entry.at for entry in entries), default=None)


def _set_robots(answer: Response, *, is_indexed: bool) -> None:
    answer.headers["x-robots-tag"] = "all" if is_indexed else "noindex"
