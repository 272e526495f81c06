"""Reads a form to sign up, of our own pages, of another site or of a program. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from digest.newsroom.self_service.choices import Form, parse_choices
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.sign_ups import Application
from digest.text.catalogue import translations_for
from digest.text.languages import base_of, is_spoken
from subscribers.addresses import Address, AddressError, parse_address
from subscribers.preferences import Preferences
from subscribers.segments import SourceError, read_source
from subscribers.stamps import read_stamp

#: A field that people do not see and programs fill in.
TRAP = "homepage"
#: The version of `consent_words`; it changes with them.
VERSION = 1
#: A form that comes back sooner was filled in by a program.
_SOONEST = timedelta(seconds=2)
#: After that, the stamp of a page counts for nothing.
_LATEST = timedelta(days=1)
#: Characters of a site's own words of consent that are kept.
_MOST_WORDS = 1000


class FormKind(StrEnum):
    """The place of a form."""

    #: On our own pages.
    PAGE = "page"
    #: On another site.
    EMBEDDED = "embedded form"
    #: In a program of another site.
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadForm:
    """A form that was sent, checked."""

    #: As typed, to show it again.
    email: str
    #: The choices; those that cannot be accepted are as before.
    preferences: Preferences
    #: The values of the operator's own fields as typed, by the field's name.
    own: Mapping[str, str] = field(default_factory=dict)
    #: BCP 47 tags of the form, and of the answer.
    shown_in: str
    language: str
    #: For each field that cannot be accepted, what to do: `email`, and those of `ParsedChoices`.
    faults: Mapping[str, str]
    #: Whether a program filled it in: it is answered like any other, and nothing is stored.
    is_automatic: bool
    #: None if there is a fault.
    application: Application | None

    @classmethod
    def empty(cls, preferences: Preferences) -> ReadForm:
        """Return an empty form."""
        return cls(
            email="",
            preferences=preferences,
            shown_in="",
            language="",
            faults={},
            is_automatic=False,
            application=None,
        )


def consent_words(facts: NewsletterFacts, language: str) -> str:
    """Return the sentence above the button: what a person agrees to."""
    words = translations_for(language).gettext(
        "I want to get %(title)s by mail. Every mail has a link to leave."
    )
    return words % {"title": facts.title}


def page_language(facts: NewsletterFacts, wanted: str) -> str:
    """Return the wanted language of a page if there are words in it, else the newsletter's."""
    is_own = base_of(wanted) == base_of(facts.language)
    return facts.language if is_own or not is_spoken(wanted) else base_of(wanted)


def initial_preferences(facts: NewsletterFacts, language: str) -> Preferences:
    """Return the choices of a form before anybody changed them."""
    is_own = base_of(language) == base_of(facts.language)
    return Preferences(language="" if is_own else base_of(language))


def read_form(
    form: Form,
    facts: NewsletterFacts,
    kind: FormKind,
    *,
    network: str,
    keys: Sequence[str],
    now: datetime,
    allow_reserved: bool = False,
) -> ReadForm:
    """Read a form.

    Args:
        form: the values by field: `email`, those of `parse_choices`, and hidden ones: `stamp`,
            `lang`, `source`, `consent` and the trap.
        facts: the facts about the newsletter.
        kind: its place, as far as its address shows; a page is recognised by its stamp.
        network: the client's network.
        keys: the signing keys, newest first.
        now: the time.
        allow_reserved: whether addresses of example domains are accepted, for development.
    """
    shown_in = page_language(facts, _last(form, "lang"))
    chosen = parse_choices(form, facts, initial_preferences(facts, shown_in), language=shown_in)
    language = chosen.preferences.language or shown_in
    email = _last(form, "email").strip()
    address = _read_address(email, allow_reserved=allow_reserved)
    faults = dict(chosen.faults)
    if address is None:
        gettext = translations_for(shown_in).gettext
        faults["email"] = gettext("Write a mail address, such as name@example.org.")
    age = _age(form, facts, keys, now)
    is_stamped = age is not None and timedelta() <= age <= _LATEST
    return ReadForm(
        email=email,
        preferences=chosen.preferences,
        own=chosen.own.typed,
        shown_in=shown_in,
        language=language,
        faults=faults,
        is_automatic=bool(_last(form, TRAP)) or (age is not None and timedelta() <= age < _SOONEST),
        application=None
        if faults or address is None
        else Application(
            newsletter=facts.name,
            address=address,
            preferences=chosen.preferences,
            fields=chosen.own.values,
            wording=_wording(form, facts, FormKind.PAGE if is_stamped else kind, shown_in),
            source=_source(_last(form, "source")),
            network=network,
            is_stamped=is_stamped,
        ),
    )


def _last(form: Form, field: str) -> str:
    return form[field][-1] if form.get(field) else ""


def _read_address(written: str, *, allow_reserved: bool) -> Address | None:
    try:
        return parse_address(written, allow_reserved=allow_reserved)
    except AddressError:
        return None


def _source(written: str) -> str:
    try:
        return read_source(written)
    except SourceError:
        return ""


def _age(
    form: Form, facts: NewsletterFacts, keys: Sequence[str], now: datetime
) -> timedelta | None:
    shown_at = read_stamp(keys, facts.name, _last(form, "stamp"))
    return now - shown_at if shown_at else None


def _wording(form: Form, facts: NewsletterFacts, kind: FormKind, language: str) -> str:
    """Return what the person agreed to; a program's own words are kept as it sent them."""
    own = " ".join(_last(form, "consent").split())[:_MOST_WORDS] if kind is FormKind.API else ""
    words = own or consent_words(facts, language)
    return f"{words} ({kind}, version {VERSION}, {language})"
