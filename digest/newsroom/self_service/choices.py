"""The choices of a subscriber in a form: read, and prepared for the form's fields. Pure.

The fields, each of which may be missing: `sections` (`all` or `some`), `category` (several),
`cadence`, `language`, `text_size`, `zone` and `hour`. A missing field leaves the choice before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from babel.core import get_global
from babel.dates import format_time, get_timezone_location

from digest.letter.planning.variants import TEXT_SIZES
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.own_fields import (
    NO_VALUES,
    OwnField,
    OwnValues,
    own_fields,
    parse_own,
)
from digest.text.catalogue import translations_for
from digest.text.languages import LANGUAGES, base_of, locale_of
from subscribers.preferences import Preferences

#: A form as `urllib.parse.parse_qs` returns it, with `keep_blank_values`.
Form = Mapping[str, Sequence[str]]

#: The areas of IANA names that are places.
_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedChoices:
    """The choices that a form makes."""

    #: Those that could be read; the others are as before.
    preferences: Preferences
    #: For each field that cannot be accepted, what to do, in the reader's language. The names:
    #: `categories`, `cadence`, `language`, `text_size`, `zone`, `hour`, and those of `own`.
    faults: Mapping[str, str]
    #: The operator's own fields.
    own: OwnValues = field(default_factory=OwnValues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a field."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFields:
    """The fields of `parts/choices.html.j2`; one without options is not shown."""

    #: Whether all categories are chosen, including new ones.
    is_all: bool
    categories: tuple[Option, ...]
    cadences: tuple[Option, ...]
    languages: tuple[Option, ...]
    text_sizes: tuple[Option, ...]
    #: Zones by area; the first has no area and one option, the newsletter's zone.
    zones: tuple[tuple[str, tuple[Option, ...]], ...]
    hours: tuple[Option, ...]
    #: The operator's own fields that subscribers may change.
    own: tuple[OwnField, ...]
    #: As in `ParsedChoices`.
    faults: Mapping[str, str]


# --- reading ------------------------------------------------------------------------------------


def parse_choices(
    form: Form,
    facts: NewsletterFacts,
    known: Preferences,
    *,
    language: str,
    own: Mapping[str, str] = NO_VALUES,
) -> ParsedChoices:
    """Read the choices of a form.

    Args:
        form: the form's values; fields of other parts of the form are ignored.
        facts: the facts about the newsletter.
        known: the choices before; `Preferences()` for a new subscriber.
        language: BCP 47 tag of the reader, for the faults.
        own: the values before of the operator's own fields, by the field's name.
    """
    gettext = translations_for(language).gettext
    faults: dict[str, str] = {}

    def read(name: str, parse: Callable[[str], _Value], before: _Value, fault: str) -> _Value:
        if not form.get(name):
            return before
        try:
            return parse(form[name][-1].strip())
        except ValueError:
            faults[name] = fault
            return before

    categories = known.categories
    try:
        categories = _read_categories(form, facts, known)
    except _UnknownCategoryError:
        faults["categories"] = gettext("This newsletter does not have that section.")
    except ValueError:
        faults["categories"] = gettext("Choose at least one section, or all of them.")
    choose = gettext("Choose one of these.")
    preferences = replace(
        known,
        categories=categories,
        cadence=read("cadence", _one_of(facts.cadences), known.cadence, choose),
        language=read("language", _language_after(known.language), known.language, choose),
        text_size=read("text_size", _one_of(TEXT_SIZES), known.text_size, choose),
    )
    if is_local(facts):
        zones = ("", known.zone, *_zone_names())
        hour = gettext("Choose an hour from 0 to 23.")
        preferences = replace(
            preferences,
            zone=read("zone", _one_of(zones), known.zone, choose),
            hour=read("hour", _read_hour, known.hour, hour),
        )
    sent = parse_own(form, facts.fields, own, language=language)
    return ParsedChoices(preferences=preferences, faults={**faults, **sent.faults}, own=sent)


def is_local(facts: NewsletterFacts) -> bool:
    """Return whether a newsletter is delivered at the hour of each subscriber's own zone."""
    return any(cadence.is_local for cadence in facts.cadences.values())


class _UnknownCategoryError(ValueError):
    """The newsletter does not have a category."""


def _read_categories(form: Form, facts: NewsletterFacts, known: Preferences) -> tuple[str, ...]:
    named = [name for name in form.get("category", ()) if name.strip()]
    sections = form.get("sections", ("some" if named else "",))[-1]
    if not sections:
        return known.categories
    if sections == "all":
        return ()
    names = {_fold(name): name for name in facts.categories}
    if any(_fold(name) not in names for name in named):
        raise _UnknownCategoryError
    chosen = {names[_fold(name)] for name in named}
    if not chosen:
        raise ValueError("no category is chosen")
    # A category that the configuration does not name at the moment may come back.
    return tuple(sorted(chosen.union(set(known.categories) - set(facts.categories))))


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _one_of(names: Iterable[str]) -> Callable[[str], str]:
    allowed = frozenset(names)

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(value)
        return value

    return read


def _language_after(known: str) -> Callable[[str], str]:
    """Return the reader of a language, which keeps the country of the one chosen before."""

    def read(value: str) -> str:
        if not value:
            return ""
        if base_of(value) not in LANGUAGES:
            raise ValueError(value)
        return known if base_of(known) == value else base_of(value)

    return read


def _read_hour(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 2 and int(value) < 24):
        raise ValueError(value)
    return int(value)


# --- the fields ---------------------------------------------------------------------------------


def fields_of(
    facts: NewsletterFacts,
    preferences: Preferences,
    *,
    language: str,
    faults: Mapping[str, str] | None = None,
    own: Mapping[str, str] = NO_VALUES,
) -> ChoiceFields:
    """Return the fields of a form with the choices that are made now.

    Args:
        facts: the facts about the newsletter.
        preferences: the choices; those of `ParsedChoices` after a form was refused.
        language: BCP 47 tag of the reader.
        faults: as in `ParsedChoices`.
        own: the values of the operator's own fields, by the field's name.
    """
    faults = faults or {}
    shows_clock = is_local(facts)
    return ChoiceFields(
        is_all=not preferences.categories and "categories" not in faults,
        categories=tuple(
            Option(value=name, label=name, is_chosen=name in preferences.categories)
            for name in (facts.categories if len(facts.categories) > 1 else ())
        ),
        cadences=_cadences(facts, preferences, language) if len(facts.cadences) > 1 else (),
        languages=_languages(facts, preferences),
        text_sizes=_text_sizes(preferences, language),
        zones=_zones(facts, preferences, language) if shows_clock else (),
        hours=_hours(preferences, language) if shows_clock else (),
        own=own_fields(facts.fields, own),
        faults=faults,
    )


def cadence_of(facts: NewsletterFacts, preferences: Preferences) -> str:
    """Return the name of the cadence that serves a subscriber; empty if there is none."""
    if preferences.cadence in facts.cadences:
        return preferences.cadence
    return next(iter(facts.cadences), "")


def _cadences(
    facts: NewsletterFacts, preferences: Preferences, language: str
) -> tuple[Option, ...]:
    chosen = cadence_of(facts, preferences)
    return tuple(
        Option(
            value=name,
            label=_capitalised(facts.in_words(name, language)),
            is_chosen=name == chosen,
        )
        for name in facts.cadences
    )


def _languages(facts: NewsletterFacts, preferences: Preferences) -> tuple[Option, ...]:
    """Return the newsletter's own language first, then the others."""
    own = base_of(facts.language)
    chosen = base_of(preferences.language)
    others = [base for base in LANGUAGES if base != own]
    if chosen not in others:
        chosen = ""
    return tuple(
        Option(value=value, label=_own_name(value or own), is_chosen=value == chosen)
        for value in ("", *others)
    )


def _own_name(base: str) -> str:
    return _capitalised(locale_of(base).get_display_name(base) or base)


def _text_sizes(preferences: Preferences, language: str) -> tuple[Option, ...]:
    gettext = translations_for(language).gettext
    labels = {"normal": gettext("Normal"), "large": gettext("Large")}
    chosen = preferences.text_size if preferences.text_size in TEXT_SIZES else "normal"
    return tuple(
        Option(value=size, label=labels[size], is_chosen=size == chosen) for size in TEXT_SIZES
    )


def _zones(
    facts: NewsletterFacts, preferences: Preferences, language: str
) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    chosen = preferences.zone
    cities = _cities(base_of(language))
    own = Option(
        value="",
        label=cities.get(facts.timezone, facts.timezone),
        is_chosen=not chosen,
    )
    found: dict[str, list[Option]] = {"": [own]}
    if chosen and chosen not in cities:
        found[""].append(Option(value=chosen, label=chosen, is_chosen=True))
    older_names = get_global("zone_aliases")
    for zone, city in cities.items():
        if zone in older_names and zone != chosen:
            continue
        area = zone.partition("/")[0]
        option = Option(value=zone, label=city, is_chosen=zone == chosen)
        found.setdefault(area, []).append(option)
    return tuple((area, tuple(options)) for area, options in found.items())


def _hours(preferences: Preferences, language: str) -> tuple[Option, ...]:
    gettext = translations_for(language).gettext
    locale = locale_of(language)
    own = Option(value="", label=gettext("As the newsletter"), is_chosen=preferences.hour is None)
    return (
        own,
        *(
            Option(
                value=str(hour),
                label=format_time(time(hour), "short", locale=locale),
                is_chosen=hour == preferences.hour,
            )
            for hour in range(24)
        ),
    )


@cache
def _zone_names() -> tuple[str, ...]:
    """Return the IANA names of places, from the time zone data of the system."""
    return tuple(sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))


@cache
def _cities(base: str) -> Mapping[str, str]:
    """Return the name of each zone's city in a language, by IANA name, sorted within its area."""
    locale = locale_of(base)
    named = {
        zone: get_timezone_location(zone, locale=locale, return_city=True) for zone in _zone_names()
    }
    return dict(sorted(named.items(), key=lambda each: (each[0].partition("/")[0], each[1])))


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
