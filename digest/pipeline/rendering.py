"""Writing the letters of an edition until nothing is wrong with any single story in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.mend import Mend, mend
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.writer import LetterWriter
from digest.models import Edition, Reason, Variant
from digest.pipeline.distribution import Mail, VariantRule, general_rule, variant_for
from digest.store import comments
from digest.store.engine import Connection

#: How often parts are taken out; after that, stories.
_PART_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedVariant:
    """A variant with its letter, and the first rule that led to it."""

    rule: VariantRule
    #: As planned; `letter.variant` is what had room.
    variant: Variant
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedEdition:
    """An edition whose stories pass every check, and its letters."""

    edition: Edition
    #: By key of the planned variant.
    rendered: Mapping[str, RenderedVariant]
    #: What was left out for that.
    mends: tuple[Mend, ...]


def render_all(
    edition: Edition,
    writer: LetterWriter,
    present: Present,
    plan_mails: Callable[[Edition], Iterable[Mail]],
) -> MendedEdition:
    """Write letters, leave out what a check finds at fault with a story, and write them again.

    Each round takes something out, so it ends; letters that a mend does not touch are kept.

    Args:
        edition: as composed.
        writer: writes the letters.
        present: what the edition cannot know.
        plan_mails: gives who gets what of an edition.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    rendered: dict[str, RenderedVariant] = {}
    mends: tuple[Mend, ...] = ()
    rounds = 0
    while True:
        rendered = _render_all(edition, plan_mails(edition), writer, present, rendered)
        faults = _faults_of(rendered.values())
        edition, done = mend(edition, faults, whole=rounds >= _PART_ROUNDS)
        if not done:
            return MendedEdition(edition=edition, rendered=rendered, mends=mends)
        mends += done
        rounds += 1


def mend_general(
    connection: Connection, edition: Edition, writer: LetterWriter, *, now: datetime
) -> Edition:
    """Give a draft as it would be frozen, as far as the mail that most subscribers get can tell.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    present = read_present(connection, edition, now=now)
    return render_all(edition, writer, present, general_mail).edition


def general_mail(edition: Edition) -> tuple[Mail, ...]:
    """Give the mail of those who saw the last edition and take all categories."""
    rule = general_rule(edition)
    variant = variant_for(edition, rule)
    return (Mail(rule=rule, variant=variant),) if variant else ()


def read_present(connection: Connection, edition: Edition, *, now: datetime) -> Present:
    """Read what became of the comments that an edition quotes."""
    quoted = [quote.comment_id for story in edition.stories for quote in story.quotes]
    return Present(gone_comments=comments.missing(connection, quoted), now=now)


def _render_all(
    edition: Edition,
    mails: Iterable[Mail],
    writer: LetterWriter,
    present: Present,
    before: Mapping[str, RenderedVariant],
) -> dict[str, RenderedVariant]:
    """Write each variant once, but for those that stayed as they were."""
    rendered: dict[str, RenderedVariant] = {}
    for mail in mails:
        key, known = mail.variant.key, before.get(mail.variant.key)
        if known is not None and known.variant == mail.variant:
            rendered[key] = known
        elif key not in rendered:
            letter = writer.write(edition, mail.variant, present)
            rendered[key] = RenderedVariant(rule=mail.rule, variant=mail.variant, letter=letter)
    return rendered


def _faults_of(rendered: Iterable[RenderedVariant]) -> dict[int, dict[str, Reason]]:
    faults: dict[int, dict[str, Reason]] = {}
    for each in rendered:
        for finding in each.letter.findings:
            if finding.is_error and finding.post_id:
                reason = Reason(code=finding.rule, text=f"{finding.place}: {finding.text}")
                faults.setdefault(finding.post_id, {}).setdefault(finding.part, reason)
    return faults
