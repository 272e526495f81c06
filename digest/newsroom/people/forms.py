"""Writes the form with which people sign up on another site."""

from __future__ import annotations

from digest.errors import UsageError
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.applying import is_source
from digest.newsroom.self_service.embedding import EmbeddedForm, write_form
from digest.newsroom.self_service.facts import facts_about
from digest.text.languages import LANGUAGES, is_spoken

__all__ = ["EmbeddedForm", "write"]


def write(context: RunContext, newsletter: str, *, source: str, language: str) -> EmbeddedForm:
    """Return the form of a newsletter.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for the only one.
        source: a name for the form; may be empty.
        language: BCP 47 tag of its words; empty for the newsletter's.

    Raises:
        UsageError: the newsletter does not exist, or a value is not valid.
    """
    owner = context.newsletter_of(newsletter)
    if source and not is_source(source):
        raise UsageError(f"--source {source!r}: must be 1 to 64 of the characters a-z, 0-9 and -")
    if language and not is_spoken(language):
        raise UsageError(f"--language {language!r}: must be one of {', '.join(LANGUAGES)}")
    base_url = owner.writer.site.base_url
    return write_form(facts_about(owner), base_url, source=source, language=language)
