"""The public archive: the list of past editions, its feed, and the page of each edition.

Nobody needs a link with a token for these pages, so caches may keep them for a few minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.models.paths import PublicPath
from digest.newsroom.self_service.archive import ArchiveEntry, ArchiveList
from digest.web.guards import letter_policy, picture_policy
from digest.web.ports import PublicArchive
from digest.web.public.atom import MEDIA_TYPE, write_feed
from digest.web.public.conditional import answer_if_changed
from digest.web.public.design import NewsletterName
from digest.web.public.pages import PublicPages

#: A form that no number of an edition exceeds; any other is an unknown page.
EditionNumber = Annotated[str, Path(pattern=r"^[1-9][0-9]{0,8}$")]
PageNumber = Annotated[str, Query(pattern=r"^[1-9][0-9]{0,5}$")]
CadenceName = Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")]

_ROOT = f"/{PublicPath.ARCHIVE}"


def archive_routes(
    archive: PublicArchive, pages: PublicPages, *, root: str, allow_http_images: bool
) -> APIRouter:
    """Return the routes of the archive; `root` is the path of the public address."""
    router = APIRouter(default_response_class=Response)
    list_policy = picture_policy(allow_http_images=allow_http_images)
    edition_policy = letter_policy(allow_http_images=allow_http_images, frame_ancestors="'none'")

    @router.api_route(_ROOT, methods=["GET", "HEAD"])
    def show_archives() -> Response:
        # Visitors shorten addresses; several archives are found on the home page.
        names = archive.newsletters
        if not names:
            raise HTTPException(404)
        only = f"{_ROOT}/{names[0]}" if len(names) == 1 else "/"
        return RedirectResponse(f"{root}{only}", 302)

    @router.api_route(f"{_ROOT}/{{newsletter}}", methods=["GET", "HEAD"])
    def show_list(
        request: Request,
        newsletter: NewsletterName,
        page: PageNumber = "1",
        cadence: CadenceName = "",
    ) -> Response:
        found = _known(archive.list_editions(newsletter, cadence=cadence, page=int(page)))
        answer = pages.answer(
            "archive", newsletter=newsletter, is_indexed=found.is_indexed, archive=found
        )
        answer.headers["content-security-policy"] = list_policy
        return answer_if_changed(request, answer, _newest(found.entries))

    @router.api_route(f"{_ROOT}/{{newsletter}}/feed.xml", methods=["GET", "HEAD"])
    def show_feed(
        request: Request, newsletter: NewsletterName, cadence: CadenceName = ""
    ) -> Response:
        found = _known(archive.list_editions(newsletter, cadence=cadence))

        def write_content(entry: ArchiveEntry) -> str:
            return pages.part("archive-content", language=found.language, letter=entry.letter)

        answer = Response(write_feed(found, write_content), media_type=MEDIA_TYPE)
        _set_robots(answer, is_indexed=found.is_indexed)
        return answer_if_changed(request, answer, _newest(found.entries))

    @router.api_route(f"{_ROOT}/{{newsletter}}/{{number}}", methods=["GET", "HEAD"])
    def show_edition(
        request: Request, newsletter: NewsletterName, number: EditionNumber
    ) -> Response:
        found = archive.show_edition(newsletter, int(number))
        if found is None:
            raise HTTPException(404)
        answer = HTMLResponse(found.html, headers={"content-security-policy": edition_policy})
        _set_robots(answer, is_indexed=found.is_indexed)
        return answer_if_changed(request, answer, found.changed_at)

    return router


def _known(found: ArchiveList | None) -> ArchiveList:
    if found is None:
        raise HTTPException(404)
    return found


def _newest(entries: tuple[ArchiveEntry, ...]) -> datetime | None:
    return max((entry.at for entry in entries), default=None)


def _set_robots(answer: Response, *, is_indexed: bool) -> None:
    answer.headers["x-robots-tag"] = "all" if is_indexed else "noindex"
