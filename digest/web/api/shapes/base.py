"""The bases of all shapes, and the types of their fields."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator


class Shape(BaseModel):
    """An answer of the API."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, use_attribute_docstrings=True, extra="ignore"
    )

    @classmethod
    def of(cls, *found: Any, **more: Any) -> Self:
        """Return the shape with the fields that objects have under its names, also inside them.

        Args:
            found: the objects; an earlier one stands over a later one.
            more: fields that have another name or value there; they stand over all.
        """
        values = {
            name: getattr(each, name)
            for each in reversed(found)
            for name in cls.model_fields
            if hasattr(each, name)
        }
        return cls.model_validate({**values, **more})


class Wanted(BaseModel):
    """The body of a request; an unknown field is refused, because it would be a typing error."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        if _has_nul(value):
            raise ValueError("must not contain the character NUL")
        return value


def _has_nul(value: object) -> bool:
    """Return whether a text has the character that PostgreSQL stores in none."""
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(map(_has_nul, (*value, *value.values())))
        case list():
            return any(map(_has_nul, value))
    return False


class ProblemShape(BaseModel):
    """The reason why a request was refused or failed (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True, title="Problem", extra="allow")

    type: str
    """Always `about:blank`: the status says the kind."""
    title: str
    """The status in words."""
    status: int
    error: str
    """The failure, and the thing that it concerns."""
    do: str
    """The next step for the client."""


#: Texts of one line and of several.
Line = Annotated[str, StringConstraints(max_length=1_000)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Name = Annotated[str, StringConstraints(max_length=200)]
Newsletter = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,64}$")]
