"""Responses rendered from the templates of the public pages, in the reader's language.

The frame of a page has the newsletter's name, design and icon, and a way home.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse, Response

from digest.models.paths import PublicPath
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.looks import draw_icon, write_theme
from digest.templating.pages import PageRenderer
from digest.text.languages import base_of, direction_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The values around the content of every page."""

    #: BCP 47 tag, and `ltr` or `rtl`.
    language: str
    direction: str
    #: The name of the sending site.
    site: str
    #: Name and title of the newsletter whose design the page has; both empty if there is none.
    newsletter: str
    title: str
    #: The site's own page; empty if there is none.
    home_url: str
    #: Whether search engines may list the page.
    is_indexed: bool
    #: Printed at the foot.
    postal_address: str
    #: What is stored about subscribers: the page `privacy`, or the operator's own.
    privacy_url: str
    #: Keep the language on the newsletter's page, and on pages of no newsletter: `?lang=de`; empty
    #: where it is the page's own.
    query: str
    common_query: str


#: Browsers may keep a style sheet for an hour.
STYLE_HEADERS = {"cache-control": "public, max-age=3600"}


class PublicPages:
    """Renders the public pages as responses."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        *,
        site: str,
        newsletters: Mapping[str, NewsletterFacts],
        base_url: str = "",
        postal_address: str = "",
        privacy_url: str | None = None,
    ) -> None:
        """Prepare the renderer.

        Args:
            folders: the folders of `PageRenderer`.
            site: the name of the sending site.
            newsletters: the facts about each newsletter, by name; the first one's language and
                design serve for pages of no newsletter.
            base_url: the public address of the pages.
            postal_address: the sender's street address.
            privacy_url: the operator's own page about privacy; None for the shipped one.
        """
        self._renderer = PageRenderer(folders, "public", base_url=base_url)
        self._newsletters = newsletters
        self._site = site
        self._postal_address = postal_address
        self._root = urlsplit(base_url).path.rstrip("/")
        self._privacy_url = privacy_url

    def check(self) -> None:
        """Read the operator's templates; errors that depend on values are not found here.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        self._renderer.check()

    def answer(
        self,
        name: str,
        /,
        *,
        newsletter: str = "",
        language: str = "",
        status: int = 200,
        is_indexed: bool = False,
        **values: object,
    ) -> HTMLResponse:
        """Return the response whose body is the page `web/public/{name}.html.j2`.

        Args:
            name: the template's name.
            newsletter: the name of the newsletter whose design and language the page has; the
                first one's if it is empty or no longer configured.
            language: BCP 47 tag of the reader; empty for the newsletter's language.
            status: the HTTP status.
            is_indexed: whether search engines may list the page.
            values: the variables of the template.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        facts = self._facts_of(newsletter)
        spoken = language or (facts.language if facts else "en")
        frame = Frame(
            language=spoken,
            direction=direction_of(spoken),
            site=self._site,
            newsletter=facts.name if facts else "",
            title=facts.title if facts else self._site,
            home_url=facts.masthead.home_url if facts else "",
            is_indexed=is_indexed,
            postal_address=self._postal_address,
            privacy_url=self._privacy_url or self._own_privacy_url(facts, spoken),
            query=_language_query(facts, spoken),
            common_query=_language_query(self._facts_of(""), spoken),
        )
        html = self._renderer.render(name, language=spoken, frame=frame, **values)
        headers = {"x-robots-tag": "all"} if is_indexed else None
        return HTMLResponse(html, status, headers)

    def part(self, name: str, /, *, language: str, **values: object) -> str:
        """Return the HTML of `web/public/{name}.html.j2`, which is no whole page.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        return self._renderer.render(name, language=language, **values)

    def has(self, newsletter: str) -> bool:
        """Return whether there is a newsletter of that name."""
        return newsletter in self._newsletters

    def style(self) -> Response:
        """Return the style sheet of all pages."""
        return Response(self._renderer.style(), media_type="text/css", headers=STYLE_HEADERS)

    def theme(self, newsletter: str) -> Response:
        """Return the style sheet with a newsletter's colours and fonts."""
        facts = self._facts_of(newsletter)
        css = write_theme(facts.masthead.theme) if facts else ""
        return Response(css, media_type="text/css", headers=STYLE_HEADERS)

    def icon(self, newsletter: str) -> Response:
        """Return a newsletter's icon."""
        facts = self._facts_of(newsletter)
        svg = draw_icon(facts.title, facts.masthead.theme) if facts else ""
        return Response(svg, media_type="image/svg+xml", headers=STYLE_HEADERS)

    def _own_privacy_url(self, facts: NewsletterFacts | None, language: str) -> str:
        """Return the address of the page `privacy` in a newsletter's design and a language."""
        name = f"/{facts.name}" if facts else ""
        query = _language_query(facts, language)
        return f"{self._root}/{PublicPath.PRIVACY}{name}{query}"

    def _facts_of(self, newsletter: str) -> NewsletterFacts | None:
        first = next(iter(self._newsletters.values()), None)
        return self._newsletters.get(newsletter, first)


def _language_query(facts: NewsletterFacts | None, language: str) -> str:
    """Return the query that shows a newsletter's pages in a language; empty if it is its own."""
    is_own = facts is not None and base_of(language) == base_of(facts.language)
    return "" if is_own else f"?lang={base_of(language)}"
