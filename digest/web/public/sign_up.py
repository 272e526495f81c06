"""The pages to sign up: each newsletter's own page, and the answers to its form.

The form may stand on any site, so a request from another origin is as good as one of ours. The
answer depends on what was sent alone, never on who is a subscriber.
"""

from __future__ import annotations

from anyio import to_thread
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
from digest.web.forms import parse_fields
from digest.web.public.visit import NewsletterName, OnPublic, PublicVisit, known


def show_home(visit: OnPublic, lang: str = "") -> HTMLResponse:
    """Show all newsletters, or the only one's page."""
    newsletters = visit.door.sign_ups.newsletters
    if len(newsletters) == 1:
        return _show(visit, newsletters[0], wanted=lang)
    return _show_all(visit, newsletters, wanted=lang)


def show_newsletter(visit: OnPublic, newsletter: NewsletterName, lang: str = "") -> HTMLResponse:
    """Show a newsletter's page with the form to sign up."""
    return _show(visit, _find(visit, newsletter), wanted=lang)


async def sign_up(visit: OnPublic, newsletter: NewsletterName) -> HTMLResponse:
    """Take a sign-up from the form."""
    desk, facts = visit.door.sign_ups, _find(visit, newsletter)
    fields = _read_form(await visit.request.body())
    form = desk.read(facts, fields, FormKind.EMBEDDED, network=visit.network)
    if form.application is None:
        return await to_thread.run_sync(_show_faults, visit, facts, form)
    if not form.is_automatic and not await to_thread.run_sync(desk.accept, form.application):
        return visit.too_many(facts.name, newsletter=facts.name, language=form.language)
    return visit.pages.answer("asked", newsletter=facts.name, language=form.language)


def _find(visit: PublicVisit, newsletter: str) -> NewsletterFacts:
    return known(visit.door.sign_ups.find(newsletter))


def _read_form(body: bytes) -> Form:
    """Return the fields of a form; none if there are too many."""
    try:
        return parse_fields(body)
    except ValueError:
        return {}


def _show_all(
    visit: PublicVisit, newsletters: tuple[NewsletterFacts, ...], *, wanted: str
) -> HTMLResponse:
    """Return the page of all newsletters."""
    desk = visit.door.sign_ups
    return visit.with_pictures(
        visit.pages.answer(
            "home",
            is_indexed=True,
            newsletters=newsletters,
            newest={each.name: desk.newest(each.name) for each in newsletters},
            page_url=f"{visit.door.base_url}/",
            language=page_language(newsletters[0], wanted),
        )
    )


def _show(visit: PublicVisit, facts: NewsletterFacts, *, wanted: str) -> HTMLResponse:
    """Return the page of one newsletter; `wanted` is a language."""
    language = page_language(facts, wanted)
    empty = ReadForm.empty(initial_preferences(facts, language))
    return _show_form(visit, facts, language, empty)


def _show_faults(visit: PublicVisit, facts: NewsletterFacts, form: ReadForm) -> HTMLResponse:
    """Return the page with the values that were sent, and what is wrong."""
    return _show_form(visit, facts, form.shown_in, form, status=422)


def _show_form(
    visit: PublicVisit, facts: NewsletterFacts, language: str, form: ReadForm, *, status: int = 200
) -> HTMLResponse:
    desk = visit.door.sign_ups
    choices = fields_of(
        facts, form.preferences, language=language, faults=form.faults, own=form.own
    )
    return visit.with_pictures(
        visit.pages.answer(
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
            stamp=desk.stamp(facts.name),
            newest=desk.newest(facts.name),
            page_url=f"{visit.door.base_url}/{facts.name}",
        )
    )
