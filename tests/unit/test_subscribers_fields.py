"""The values of the operator's own fields, and the names of sources."""

from __future__ import annotations

import pytest

from subscribers.exporting import COLUMNS
from subscribers.fields import (
    RESERVED,
    Field,
    FieldError,
    Kind,
    parse_value,
    read_fields,
    unknown_field,
)
from subscribers.segments import SourceError, read_source

PLAN = Field(name="plan", label="Plan", kind=Kind.CHOICE, choices=("free", "Pro", "C++", "Café"))
CITY = Field(name="city", label="City")
AGE = Field(name="age", label="Age", kind=Kind.NUMBER)
BORN = Field(name="born", label="Born", kind=Kind.DATE)


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        (CITY, "  New \t York\n", "New York"),
        (CITY, "Ko\u0308ln", "K\u00f6ln"),
        (CITY, "a\x00b\x1bc\ud800", "abc"),
        (CITY, "<b>{{ x }}</b>", "<b>{{ x }}</b>"),
        (CITY, "القاهرة", "القاهرة"),
        (AGE, "042", "42"),
        (AGE, "+3.50", "3.5"),
        (AGE, "3,5", "3.5"),
        (AGE, "0,0625", "0.0625"),
        (AGE, "-0.0", "0"),
        (AGE, "\u221212", "-12"),
        (AGE, "١٢", "12"),
        (BORN, " 2024-02-29 ", "2024-02-29"),
        (PLAN, "PRO", "Pro"),
        (PLAN, "c++", "C++"),
        (PLAN, "CAFÉ", "Café"),
        (PLAN, "", ""),
        (AGE, " ", ""),
    ],
)
def test_a_value_is_stored_in_one_form(field: Field, written: str, stored: str) -> None:
    assert parse_value(field, written) == stored
    assert parse_value(field, stored) == stored


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        (CITY, "x" * 201, "has 201 characters"),
        (AGE, "1,234.5", "must be a plain number"),
        # A thousand, or a little more than one?
        (AGE, "1,234", "must be a plain number"),
        (AGE, "12 years", "must be a plain number"),
        (AGE, "1e3", "must be a plain number"),
        (AGE, "NaN", "must be a plain number"),
        (AGE, "²", "must be a plain number"),
        (BORN, "2023-02-29", "must be a day such as"),
        (BORN, "20240229", "must be a day such as"),
        (BORN, "2024-W09-4", "must be a day such as"),
        (BORN, "29.2.2024", "must be a day such as"),
        (PLAN, "C#", "must be one of free, Pro, C\\+\\+, Café"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_one_line(
    field: Field, written: str, said: str
) -> None:
    with pytest.raises(FieldError, match=said) as refused:
        parse_value(field, written)
    assert "\n" not in str(refused.value)
    assert written not in str(refused.value)


def test_a_form_gets_its_values_and_the_errors_of_each_field() -> None:
    found = read_fields((PLAN, AGE), {"plan": "pro", "age": "old", "plann": "x"})
    assert found.values == {"plan": "Pro"}
    assert found.errors["age"] == "must be a plain number such as 12 or -3.5"
    assert "did you mean 'plan'?" in found.errors["plann"]


def test_the_columns_of_an_export_are_no_names_of_fields() -> None:
    assert set(COLUMNS) <= RESERVED


@pytest.mark.parametrize(
    ("written", "stored"),
    [("  Spring  Fair ", "spring fair"), ("Märzmesse", "märzmesse"), ("a:b.c-d_e", "a:b.c-d_e")],
)
def test_a_source_has_one_spelling(written: str, stored: str) -> None:
    assert read_source(written) == stored


@pytest.mark.parametrize("written", ["<script>", "a\nb\x00", "x" * 65, "=cmd|x", "http://x/?y"])
def test_a_source_of_other_characters_is_refused(written: str) -> None:
    with pytest.raises(SourceError):
        read_source(written)


def test_the_message_for_an_unknown_field_helps_to_find_the_right_one() -> None:
    assert "did you mean 'plan'?" in unknown_field("plam", ["plan", "city"])
    assert "use one of city, plan" in unknown_field("zzz", ["plan", "city"])
    assert "define it in [[fields]]" in unknown_field("zzz", [])
