"""Writes the form with which people sign up on another site."""

from __future__ import annotations

from collections.abc import Sequence

from digest.errors import UsageError
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.embedding import EmbeddedForm, write_form
from digest.newsroom.self_service.facts import facts_about
from digest.text.languages import LANGUAGES, is_spoken
from subscribers.fields import Field, unknown_field
from subscribers.segments import SourceError, read_source

__all__ = ["EmbeddedForm", "write"]


def write(
    context: RunContext, newsletter: str, *, source: str, language: str, fields: Sequence[str]
) -> EmbeddedForm:
    """Return the form of a newsletter.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for the only one.
        source: a name for the form; may be empty.
        language: BCP 47 tag of its words; empty for the newsletter's.
        fields: the names of the subscribers' own fields to ask for; each must be editable.

    Raises:
        UsageError: the newsletter does not exist, or a value is not valid.
    """
    owner = context.newsletter_of(newsletter)
    try:
        named = read_source(source)
    except SourceError as error:
        raise UsageError(f"--source {source!r}: {error}") from error
    if language and not is_spoken(language):
        raise UsageError(f"--language {language!r}: must be one of {', '.join(LANGUAGES)}")
    base_url = owner.writer.site.base_url
    asked = tuple(_editable(context, name) for name in dict.fromkeys(fields))
    facts = facts_about(owner)
    return write_form(facts, base_url, source=named, language=language, fields=asked)


def _editable(context: RunContext, name: str) -> Field:
    """Return a field that a form may ask for."""
    found = {field.name: field for field in context.fields}
    if name not in found:
        raise UsageError(f"--field {name!r}: {unknown_field(name, found)}")
    if not found[name].is_editable:
        raise UsageError(
            f"--field {name!r}: subscribers may not fill it in; set editable = true in [[fields]]"
        )
    return found[name]
