"""Answers of the API are made from the objects of the newsroom."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from digest.web.api.shapes.base import Shape


@dataclass(frozen=True, slots=True)
class StoredPart:
    name: str
    secret: str = "never shown"


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    parts: tuple[StoredPart, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    name: str
    stored: Stored


class PartShape(Shape):
    """A part."""

    name: str


class StoredShape(Shape):
    """An object with parts."""

    name: str
    parts: list[PartShape]


STORED = Stored("inner", (StoredPart("wheel"),))


def test_a_shape_has_only_its_own_fields_also_inside() -> None:
    assert StoredShape.of(STORED).model_dump() == {"name": "inner", "parts": [{"name": "wheel"}]}


def test_an_earlier_object_and_then_a_given_value_stand_over_others() -> None:
    listed = Listed("outer", STORED)
    assert StoredShape.of(listed, STORED).name == "outer"
    assert StoredShape.of(STORED, listed).name == "inner"
    assert StoredShape.of(listed, STORED, name="given").name == "given"


def test_a_field_that_no_object_has_is_a_fault() -> None:
    with pytest.raises(ValidationError):
        StoredShape.of(Listed("outer", STORED))
