"""The keys of the subscribers' own fields, and of a newsletter's audience."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from digest.config.part import Part
from digest.config.values import Language, Line, ZoneName, as_tuple, matching, not_blank, not_empty
from subscribers import fields as rules
from subscribers.fields import RESERVED, choice_key
from subscribers.segments import SourceError, read_source


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"{name!r} means something else already; use another name")
    return name


FieldName = Annotated[
    str,
    matching(
        rf"\A{rules.NAME.pattern}\Z",
        "must start with a letter and have at most 32 of the characters a-z, 0-9 and _",
    ),
    AfterValidator(_not_reserved),
]
Choice = Annotated[
    str,
    Field(max_length=rules.MAX_TEXT),
    matching(r"\A[^\r\n\x00]*\Z", "must be one line"),
    AfterValidator(not_blank),
]


class FieldConfig(Part):
    """One field of the subscribers, such as their plan."""

    #: a-z, 0-9 and _; do not change it later.
    name: FieldName
    #: As shown to people. Default: the name.
    label: Line = ""
    #: The kind of its values; a date is written `2026-03-01`.
    kind: Literal["text", "number", "date", "choice"] = "text"
    #: The values of a choice.
    choices: tuple[Choice, ...] = ()
    #: Whether a subscriber may see it in forms, fill it in and change it.
    editable: bool = False

    @model_validator(mode="after")
    def _has_choices(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError('kind = "choice" needs choices = ["…", "…"]; other kinds have none')
        keys = [choice_key(choice) for choice in self.choices]
        for key, choice in zip(keys, self.choices, strict=True):
            if keys.count(key) > 1:
                raise ValueError(f"choices: {choice!r} appears twice; remove one")
        return self

    def to_field(self) -> rules.Field:
        """Return the field as the rules of subscribers know it."""
        return rules.Field(
            name=self.name,
            label=self.label.strip() or self.name.replace("_", " ").capitalize(),
            kind=rules.Kind(self.kind),
            choices=tuple(" ".join(choice.split()) for choice in self.choices),
            is_editable=self.editable,
        )


def _checked_source(value: str) -> str:
    try:
        name = read_source(value)
    except SourceError as error:
        raise ValueError(f"{value[:80]!r} {error}") from error
    if not name:
        raise ValueError("must not be empty")
    return name


def _read_day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if not isinstance(value, str):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("must be a day: 2026-03-01") from error


def _as_texts(value: object) -> object:
    """Turn numbers and days in a list into text; a single value into a list of one."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(
        str(each) if isinstance(each, int | float | date) and not isinstance(each, bool) else each
        for each in values
    )


Day = Annotated[date, BeforeValidator(_read_day)]
Source = Annotated[str, AfterValidator(_checked_source)]
#: A list that has something in it; a single text is a list of one.
_LIST = (BeforeValidator(as_tuple), AfterValidator(not_empty))
Values = Annotated[tuple[str, ...], BeforeValidator(_as_texts), AfterValidator(not_empty)]


class AudienceConfig(Part):
    """The part of the subscribers that a newsletter is for; every key that is set must hold."""

    #: Tags, each with its countries: `pt` includes `pt-BR`.
    language: Annotated[tuple[Language, ...], *_LIST] = ()
    #: Time zones; of subscribers who chose none, the newsletter's.
    zone: Annotated[tuple[ZoneName, ...], *_LIST] = ()
    #: As given by `--source`, or `form`, `import` or `manual`.
    source: Annotated[tuple[Source, ...], *_LIST] = ()
    #: The first day, in the newsletter's zone.
    joined_after: Day | None = None
    #: The day after the last one.
    joined_before: Day | None = None
    #: Accepted values by the field's name.
    field: dict[str, Values] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_days_in_order(self) -> Self:
        if self.joined_after and self.joined_before and self.joined_after >= self.joined_before:
            raise ValueError("joined_before must be after joined_after, or nobody is left")
        return self
