"""The operator's own fields of a person in a form: read, and prepared for the form's inputs. Pure.

Only fields that the operator made editable are in a form. An input's name is `fields.NAME`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from digest.text.catalogue import translations_for
from subscribers.fields import MAX_TEXT, Field, FieldError, Kind, parse_value

#: Begins the names of inputs.
PREFIX = "fields."
NO_VALUES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValues:
    """The values of a form."""

    #: Those that can be accepted, normalised, by the field's name; an empty one removes the value.
    values: Mapping[str, str] = field(default_factory=dict)
    #: All, as typed, to show them again.
    typed: Mapping[str, str] = field(default_factory=dict)
    #: For each input that cannot be accepted, what to do, in the reader's language.
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnField:
    """One input."""

    #: The input's name.
    name: str
    label: str
    #: `text`, `number`, `date` or `choice`.
    kind: str
    value: str
    #: The values of a choice; empty for other kinds.
    choices: tuple[str, ...]


def editable(fields: Collection[Field]) -> tuple[Field, ...]:
    """Return the fields that a subscriber may see and change."""
    return tuple(each for each in fields if each.is_editable)


def parse_own(
    form: Mapping[str, Sequence[str]],
    fields: Collection[Field],
    known: Mapping[str, str],
    *,
    language: str,
) -> OwnValues:
    """Read the values of a form; a field without an input does not change.

    Args:
        form: the form's values by input.
        fields: the editable fields.
        known: the values before, by the field's name; one that is sent back is always accepted.
        language: BCP 47 tag of the reader.
    """
    values: dict[str, str] = {}
    typed: dict[str, str] = {}
    faults: dict[str, str] = {}
    for each in fields:
        if not form.get(PREFIX + each.name):
            continue
        written = form[PREFIX + each.name][-1]
        # Longer than any value, and short enough for the page.
        typed[each.name] = written[: 2 * MAX_TEXT]
        try:
            is_same = written == known.get(each.name)
            values[each.name] = written if is_same else parse_value(each, written)
        except FieldError:
            faults[PREFIX + each.name] = _fault(each.kind, language)
    return OwnValues(values=values, typed=typed, faults=faults)


def own_fields(fields: Collection[Field], values: Mapping[str, str]) -> tuple[OwnField, ...]:
    """Return the inputs of fields with these values, by the field's name."""
    return tuple(_input(each, values.get(each.name, "")) for each in fields)


def _input(shown: Field, value: str) -> OwnField:
    # A choice that the configuration does not name any more is kept.
    old = (value,) if shown.choices and value and value not in shown.choices else ()
    return OwnField(
        name=PREFIX + shown.name,
        label=shown.label,
        kind=shown.kind.value,
        value=value,
        choices=(*shown.choices, *old),
    )


def _fault(kind: Kind, language: str) -> str:
    gettext = translations_for(language).gettext
    if kind is Kind.NUMBER:
        return gettext("Write a plain number, such as 12 or 3.5.")
    if kind is Kind.DATE:
        return gettext("Write a day, such as 2026-03-01.")
    if kind is Kind.CHOICE:
        return gettext("Choose one of these.")
    return gettext("Write at most %(num)s characters.") % {"num": MAX_TEXT}
