"""The pages to sign up: each newsletter's own page, and the answers to its form.

The form may stand on any site, so a request from another origin is as good as one of ours. The
answer depends on what was sent alone, never on who is a subscriber.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.applying import (
    FormKind,
    ReadForm,
    consent_words,
    initial_preferences,
    page_language,
)
from digest.newsroom.self_service.choices import Form, fields_of
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.sign_ups import WAIT
from digest.web.clients import IPNetwork, network_of
from digest.web.forms import parse_fields
from digest.web.guards import picture_policy
from digest.web.ports import SignUpDesk
from digest.web.public.pages import PublicPages

#: A newsletter's name.
NewsletterName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


class SignUpPages:
    """Renders the pages to sign up."""

    def __init__(
        self, desk: SignUpDesk, pages: PublicPages, base_url: str, *, allow_http_images: bool
    ) -> None:
        """Store the parts.

        Args:
            desk: the sign-ups.
            pages: the renderer.
            base_url: the public address of the pages.
            allow_http_images: whether pictures may come by http, for development.
        """
        self._desk = desk
        self._pages = pages
        self._base_url = base_url
        self._headers = {
            "content-security-policy": picture_policy(allow_http_images=allow_http_images)
        }

    def show_all(self) -> HTMLResponse:
        """Return the page of all newsletters."""
        newsletters = self._desk.newsletters
        language = newsletters[0].language
        return self._with_pictures(
            self._pages.answer(
                "home",
                is_indexed=True,
                newsletters=newsletters,
                newest={each.name: self._desk.newest(each.name) for each in newsletters},
                page_url=f"{self._base_url}/",
                language=language,
            )
        )

    def show(self, facts: NewsletterFacts, *, wanted: str = "") -> HTMLResponse:
        """Return the page of one newsletter; `wanted` is a language."""
        language = page_language(facts, wanted)
        return self._form(facts, language, ReadForm.empty(initial_preferences(facts, language)))

    def show_faults(self, facts: NewsletterFacts, form: ReadForm) -> HTMLResponse:
        """Return the page with the values that were sent, and what is wrong."""
        return self._form(facts, form.shown_in, form, status=422)

    def _form(
        self, facts: NewsletterFacts, language: str, form: ReadForm, *, status: int = 200
    ) -> HTMLResponse:
        choices = fields_of(
            facts, form.preferences, language=language, faults=form.faults, own=form.own
        )
        return self._with_pictures(
            self._pages.answer(
                "sign-up",
                newsletter=facts.name,
                language=language,
                status=status,
                is_indexed=status == 200,
                facts=facts,
                form=form,
                choices=choices,
                is_open=bool(form.faults.keys() - {"email"}),
                often=facts.in_words("", language),
                consent=consent_words(facts, language),
                stamp=self._desk.stamp(facts.name),
                newest=self._desk.newest(facts.name),
                page_url=f"{self._base_url}/{facts.name}",
            )
        )

    def show_asked(self, facts: NewsletterFacts, language: str) -> HTMLResponse:
        """Return the answer to every form without a fault."""
        return self._pages.answer("asked", newsletter=facts.name, language=language)

    def show_too_many(self, facts: NewsletterFacts, language: str) -> HTMLResponse:
        """Return the answer to a network that sends too many forms."""
        return answer_too_many(self._pages, facts.name, newsletter=facts.name, language=language)

    def _with_pictures(self, answer: HTMLResponse) -> HTMLResponse:
        answer.headers.update(self._headers)
        return answer


def sign_up_routes(
    desk: SignUpDesk, shown: SignUpPages, trusted_proxies: Sequence[IPNetwork]
) -> APIRouter:
    """Return the routes of the pages to sign up; they must be the last, as names are free."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def show_home(lang: str = "") -> HTMLResponse:
        newsletters = desk.newsletters
        return (
            shown.show(newsletters[0], wanted=lang) if len(newsletters) == 1 else shown.show_all()
        )

    @router.api_route("/subscribe/{newsletter}", methods=["GET", "HEAD"])
    @router.api_route("/{newsletter}", methods=["GET", "HEAD"])
    def show_newsletter(newsletter: NewsletterName, lang: str = "") -> HTMLResponse:
        return shown.show(_find(desk, newsletter), wanted=lang)

    @router.post("/subscribe/{newsletter}")
    async def sign_up(newsletter: NewsletterName, request: Request) -> HTMLResponse:
        facts = _find(desk, newsletter)
        network = network_of_request(request, trusted_proxies)
        fields = _read_form(await request.body())
        form = desk.read(facts, fields, FormKind.EMBEDDED, network=network)
        if form.application is None:
            return await to_thread.run_sync(shown.show_faults, facts, form)
        if not form.is_automatic and not await to_thread.run_sync(desk.accept, form.application):
            return shown.show_too_many(facts, form.language)
        return shown.show_asked(facts, form.language)

    return router


def _read_form(body: bytes) -> Form:
    """Return the fields of a form; none if there are too many."""
    try:
        return parse_fields(body)
    except ValueError:
        return {}


def answer_too_many(
    pages: PublicPages, form: str, *, newsletter: str = "", language: str = ""
) -> HTMLResponse:
    """Return the answer to a network that sends too many forms; `form` is the form's path."""
    answer = pages.answer(
        "too-many", newsletter=newsletter, language=language, status=429, form=form
    )
    answer.headers["retry-after"] = str(int(WAIT.total_seconds()))
    return answer


def network_of_request(request: Request, trusted_proxies: Sequence[IPNetwork]) -> str:
    """Return the network that a request came from."""
    peer = request.client.host if request.client else ""
    return network_of(peer, request.headers.getlist("x-forwarded-for"), trusted_proxies)


def _find(desk: SignUpDesk, newsletter: str) -> NewsletterFacts:
    facts = desk.find(newsletter)
    if facts is None:
        raise HTTPException(404)
    return facts
