"""The choices of a subscriber in a form are read against the facts of the newsletter."""

from __future__ import annotations

import pytest

from digest.models import Masthead
from digest.newsroom.self_service.choices import Form, ParsedChoices, fields_of, parse_choices
from digest.newsroom.self_service.facts import CadenceFacts, NewsletterFacts
from digest.resources import templates_dir
from digest.scheduler.slots import parse_schedule
from digest.templating.pages import PageRenderer
from subscribers.preferences import Preferences

LOCAL = NewsletterFacts(
    name="weekly",
    title="Heritage",
    cadences={
        "weekly": CadenceFacts(schedule=parse_schedule("Mon 07:00"), is_local=True),
        "monthly": CadenceFacts(schedule=parse_schedule("1st Mon 07:00"), is_local=True),
    },
    timezone="America/New_York",
    language="en-US",
    categories=("Security", "Economy <b>"),
    masthead=Masthead(title="Heritage"),
)
FIXED = NewsletterFacts(
    name="daily",
    title="Daily",
    cadences={"daily": CadenceFacts(schedule=parse_schedule("daily 07:00"))},
    timezone="Europe/Berlin",
    language="it",
    categories=("News",),
    masthead=Masthead(title="Daily"),
)


def parsed(
    form: Form, facts: NewsletterFacts = LOCAL, known: Preferences | None = None
) -> ParsedChoices:
    return parse_choices(form, facts, known or Preferences(), language="en")


def test_every_field_of_a_form_is_read() -> None:
    found = parsed(
        {
            "sections": ["some"],
            "category": ["economy  <B>", "Security"],
            "cadence": ["monthly"],
            "language": ["ar"],
            "text_size": ["large"],
            "zone": ["Asia/Tokyo"],
            "hour": ["6"],
            "email": ["ann@heritage.org"],
        }
    )
    assert not found.faults
    assert found.preferences == Preferences(
        categories=("Economy <b>", "Security"),
        cadence="monthly",
        language="ar",
        text_size="large",
        zone="Asia/Tokyo",
        hour=6,
    )


def test_a_form_without_fields_leaves_every_choice_as_it_was() -> None:
    known = Preferences(
        categories=("Gone",), cadence="yearly", language="de-AT", zone="US/Eastern", hour=0
    )
    assert parsed({}, known=known).preferences == known


def test_all_sections_win_over_ticked_ones() -> None:
    form = {"sections": ["all"], "category": ["Security"]}
    assert parsed(form, known=Preferences(categories=("Security",))).preferences.categories == ()


def test_categories_alone_mean_these_categories() -> None:
    assert parsed({"category": ["Security"]}).preferences.categories == ("Security",)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"sections": ["some"]}, "categories"),
        ({"sections": ["some"], "category": [""]}, "categories"),
        ({"category": ["Sport"]}, "categories"),
        ({"category": ["Security", "Sport"]}, "categories"),
        ({"cadence": ["yearly"]}, "cadence"),
        ({"language": ["pt"]}, "language"),
        ({"language": ["xx' OR 1=1"]}, "language"),
        ({"text_size": ["huge"]}, "text_size"),
        ({"zone": ["Mars/Olympus"]}, "zone"),
        ({"zone": ["../../etc/passwd"]}, "zone"),
        ({"hour": ["24"]}, "hour"),
        ({"hour": ["-1"]}, "hour"),
        ({"hour": ["٣"]}, "hour"),
        ({"hour": ["7.5"]}, "hour"),
    ],
)
def test_a_wrong_value_is_a_fault_of_its_field_and_changes_nothing(form: Form, field: str) -> None:
    known = Preferences(categories=("Security",), hour=5)
    found = parsed(form, known=known)
    assert set(found.faults) == {field}
    assert found.preferences == known


def test_a_fault_does_not_lose_the_other_choices() -> None:
    found = parsed({"cadence": ["yearly"], "text_size": ["large"], "sections": ["some"]})
    assert set(found.faults) == {"cadence", "categories"}
    assert found.preferences.text_size == "large"
    fields = fields_of(LOCAL, found.preferences, language="en", faults=found.faults)
    assert not fields.is_all


def test_a_category_that_the_newsletter_does_not_name_now_stays_in_a_choice() -> None:
    known = Preferences(categories=("Gone", "Security"))
    form = {"sections": ["some"], "category": ["Economy <b>"]}
    assert parsed(form, known=known).preferences.categories == ("Economy <b>", "Gone")


def test_hour_and_zone_are_ignored_where_all_mails_leave_at_one_hour() -> None:
    found = parsed({"zone": ["Asia/Tokyo"], "hour": ["6"]}, FIXED)
    assert found.preferences == Preferences()
    fields = fields_of(FIXED, found.preferences, language="en")
    assert not fields.hours
    assert not fields.zones


def test_a_newsletter_with_one_cadence_and_one_section_offers_no_choice_of_them() -> None:
    fields = fields_of(FIXED, Preferences(), language="en")
    assert not fields.cadences
    assert not fields.categories


def test_the_country_of_a_language_stays() -> None:
    known = Preferences(language="de-AT")
    assert parsed({"language": ["de"]}, known=known).preferences.language == "de-AT"
    assert parsed({"language": ["fr-CH"]}, known=known).preferences.language == "fr"


def test_the_newsletters_own_language_is_offered_first_under_its_own_name() -> None:
    labels = [option.label for option in fields_of(FIXED, Preferences(), language="ar").languages]
    assert labels == ["Italiano", "English", "العربية", "Deutsch", "Español", "Français"]
    labels = [option.label for option in fields_of(LOCAL, Preferences(), language="de").languages]
    assert labels == ["English", "العربية", "Deutsch", "Español", "Français"]


def test_exactly_one_option_of_each_single_choice_is_chosen() -> None:
    for preferences in (
        Preferences(),
        Preferences(cadence="yearly", language="pt-BR", text_size="huge", zone="US/Eastern"),
        Preferences(cadence="monthly", language="de", zone="Europe/Berlin", hour=23),
    ):
        fields = fields_of(LOCAL, preferences, language="en")
        zones = [option for _area, options in fields.zones for option in options]
        for options in (fields.cadences, fields.languages, fields.text_sizes, zones, fields.hours):
            assert sum(option.is_chosen for option in options) == 1


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_place_with_several_names_is_offered_once(language: str) -> None:
    fields = fields_of(LOCAL, Preferences(), language=language)
    for area, options in fields.zones[1:]:
        assert len({option.label for option in options}) == len(options), area
    kept = Preferences(zone="America/Buenos_Aires")
    zones = [
        option
        for _area, options in fields_of(LOCAL, kept, language="en").zones
        for option in options
    ]
    assert [option.value for option in zones if option.is_chosen] == ["America/Buenos_Aires"]


def test_what_the_fields_show_is_what_the_form_sends() -> None:
    chosen = Preferences(
        categories=("Security",),
        cadence="monthly",
        language="fr",
        text_size="large",
        zone="US/Eastern",
        hour=22,
    )
    fields = fields_of(LOCAL, chosen, language="en")
    zones = [option for _area, options in fields.zones for option in options]
    form = {
        "sections": ["all" if fields.is_all else "some"],
        "category": [option.value for option in fields.categories if option.is_chosen],
        **{
            name: [next(option.value for option in options if option.is_chosen)]
            for name, options in (
                ("cadence", fields.cadences),
                ("language", fields.languages),
                ("text_size", fields.text_sizes),
                ("zone", zones),
                ("hour", fields.hours),
            )
        },
    }
    assert (
        parsed(form).preferences
        == Preferences(
            categories=("Security",), cadence="monthly", language="fr", text_size="large", hour=22
        )
        or parsed(form, known=chosen).preferences == chosen
    )


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
def test_the_fields_are_printed_in_every_language(language: str) -> None:
    renderer = PageRenderer((templates_dir(),), "public")
    faults = {"categories": "choose", "hour": "wrong"}
    fields = fields_of(LOCAL, Preferences(), language=language, faults=faults)
    html = renderer.render("parts/choices", language=language, choices=fields)
    assert "Economy &lt;b&gt;" in html
    assert 'id="hour-fault"' in html
    assert html.count(" checked") == 3
    assert html.count(" selected") == 3
