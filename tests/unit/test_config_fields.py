"""The subscribers' own fields and a newsletter's audience in the configuration."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.config import load_config
from digest.errors import ConfigError
from digest.pipeline.audience import AudienceRule, approval_hash
from subscribers.fields import Field, Kind
from subscribers.segments import EVERYBODY, Segment
from tests.unit.test_config import GOOD

FIELDS = """
[[fields]]
name = "plan"
label = "Your plan"
kind = "choice"
choices = ["free", "Pro"]

[[fields]]
name = "since_when"
kind = "date"

[[fields]]
name = "seats"
kind = "number"
"""


def load(tmp_path: Path, text: str) -> App:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return App(load_config(path, {}), path=path)


def problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return str(caught.value)


def with_audience(text: str) -> str:
    return f"{GOOD}\n[newsletters.audience]\n{text}\n{FIELDS}"


def test_fields_are_read_in_their_order(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD + FIELDS).fields == (
        Field(name="plan", label="Your plan", kind=Kind.CHOICE, choices=("free", "Pro")),
        Field(name="since_when", label="Since when", kind=Kind.DATE),
        Field(name="seats", label="Seats", kind=Kind.NUMBER),
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('name = "Plan"', "[[fields]] Plan: name: must start with a letter"),
        ('name = "1st"', "must start with a letter"),
        ('name = "x-y"', "must start with a letter"),
        (f'name = "{"x" * 33}"', "must start with a letter"),
        ('name = "email"', "[[fields]] email: name: 'email' means something else already"),
        ('name = "name"', "means something else already"),
        ('name = "address"', "means something else already"),
        ('name = "a"\nkind = "list"', "[[fields]] a: kind: must be 'text', 'number', 'date'"),
        ('name = "a"\nkind = "choice"', 'needs choices = ["…", "…"]'),
        ('name = "a"\nchoices = ["x"]', 'needs choices = ["…", "…"]'),
        (
            'name = "a"\nkind = "choice"\nchoices = ["x", " X"]',
            "choices: 'x' appears twice",
        ),
        ('name = "a"\nkind = "choice"\nchoices = ["x", " "]', "must not be empty"),
        ('name = "a"\nlabl = "A"', "labl: unknown key; did you mean 'label'?"),
        ('name = "a"\n[[fields]]\nname = "a"', "fields: the name 'a' appears twice"),
        ("label = 'A'", "[[fields]] no. 1: name: missing"),
    ],
)
def test_a_wrong_field_is_reported(tmp_path: Path, wrong: str, said: str) -> None:
    assert said in problems(tmp_path, f"{GOOD}\n[[fields]]\n{wrong}\n")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ('intro = "Dear {{ subscriber.plann }}"', "intro: subscriber.plann: no field"),
        ("intro = ['x', 'a {{ subscriber.plan | upper }}']", "intro: '{{ subscriber.plan | upper"),
        ("[newsletters.support]\ntext='{{ subscriber.x }}'\nlink='a'\nurl='https://a.org'",
         "support.text: subscriber.x: no field"),
        ("[[newsletters.custom]]\ntitle='{{ subscriber.sets }}'\ntext='a'",
         "custom.title: subscriber.sets: no field in [[fields]] has this name; did you"),
        ("[[newsletters.custom]]\ntext=['a', '{{ x }}']", "custom.text: '{{ x }}' is no place"),
    ],
)  # fmt: skip
def test_an_unknown_name_in_a_text_is_a_fault(tmp_path: Path, place: str, said: str) -> None:
    assert said in problems(tmp_path, f"{GOOD}\n{place}\n{FIELDS}")


def test_known_names_in_texts_are_no_fault(tmp_path: Path) -> None:
    places = '{{ subscriber.name | "friend" }}: {{subscriber.plan}} {{ subscriber.address }}'
    text = f"intro = '{places}'"
    assert load(tmp_path, f"{GOOD}\n{text}\n{FIELDS}").newsletter().intro


# --- the audience -------------------------------------------------------------------------------


def segment_of(tmp_path: Path, text: str) -> Segment:
    return load(tmp_path, with_audience(text)).newsletter_of().segment


def test_a_newsletter_without_the_table_is_for_everybody(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).newsletter_of().segment == EVERYBODY
    assert segment_of(tmp_path, "") == EVERYBODY


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ('language = "de"', Segment(languages=("de",))),
        ('language = ["en", "fr"]', Segment(languages=("en", "fr"), has_default_language=True)),
        ('language = "en-GB"', Segment(languages=("en-gb",))),
        ('zone = ["UTC"]', Segment(zones=("UTC",), has_default_zone=True)),
        ('zone = "Asia/Tokyo"', Segment(zones=("Asia/Tokyo",))),
        ('source = ["Spring Fair", "form"]', Segment(sources=("form", "spring fair"))),
        ("joined_after = 2025-03-01", Segment(joined_after=datetime(2025, 3, 1, tzinfo=UTC))),
        ('joined_before = "2025-03-01"', Segment(joined_before=datetime(2025, 3, 1, tzinfo=UTC))),
        (
            'field = { plan = ["PRO"], seats = [5, "007"], since_when = 2024-01-01 }',
            Segment(
                fields=(("plan", ("Pro",)), ("seats", ("5", "7")), ("since_when", ("2024-01-01",)))
            ),
        ),
    ],
)
def test_an_audience_is_a_segment(tmp_path: Path, text: str, segment: Segment) -> None:
    assert segment_of(tmp_path, text) == segment


def test_days_of_an_audience_start_in_the_newsletters_zone(tmp_path: Path) -> None:
    text = with_audience("joined_after = 2025-03-01").replace(
        "schedule =", 'timezone = "America/New_York"\nschedule ='
    )
    found = load(tmp_path, text).newsletter_of().segment
    assert found.joined_after == datetime(2025, 3, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('langage = "de"', "audience.langage: unknown key; did you mean 'language'?"),
        ("language = []", "audience.language: must not be empty"),
        ('language = "xx"', "'xx' is not a known language"),
        ('zone = "Mars/Base"', "'Mars/Base' is not a time zone"),
        ('source = ""', "must not be empty"),
        ('source = "<x>"', "may have only letters"),
        ("joined_after = 5", "audience.joined_after: must be a day: 2026-03-01"),
        ('joined_after = "soon"', "must be a day: 2026-03-01"),
        ("joined_after = 2025-01-01\njoined_before = 2025-01-01", "joined_before must be after"),
        ('field = { plann = ["pro"] }', "audience.field.plann: no field has this name; did you"),
        ('field = { plan = ["gold"] }', "audience.field.plan: 'gold' must be one of free, Pro"),
        ('field = { seats = ["many"] }', "audience.field.seats: 'many' must be a plain number"),
        ("field = { plan = [] }", "must not be empty"),
        ('field = { plan = [""] }', "audience.field.plan: must not be empty"),
        ('field = "plan"', 'must be a table: { "…" = "…" }'),
    ],
)
def test_a_wrong_audience_is_reported(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(tmp_path, with_audience(text))


def rule(segment: Segment = EVERYBODY) -> AudienceRule:
    return AudienceRule(
        newsletter="weekly",
        cadence="weekly",
        is_first=True,
        max_window=timedelta(weeks=5),
        max_variants=500,
        local_at=None,
        timezone="UTC",
        others=("daily",),
        segment=segment,
    )


def test_approvals_of_newsletters_without_an_audience_stay_valid() -> None:
    # As version 0009 of the schema stored it.
    stored = "f146c71e679c251618fc5d35b95b884e306f45750b883ec662b8ba1726ef8b65"
    assert approval_hash("content", rule()) == stored
    changed = {approval_hash("content", rule(each)) for each in (
        Segment(languages=("de",)),
        Segment(languages=("en",)),
        Segment(joined_after=datetime(2025, 3, 1, tzinfo=UTC)),
        Segment(fields=(("plan", ("pro",)),)),
    )}  # fmt: skip
    assert len(changed | {stored}) == 5
    assert "segment" in asdict(rule())
