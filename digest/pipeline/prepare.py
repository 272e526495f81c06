"""From a draft to every letter that its subscribers need, written, checked and mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.edition import content_hash, edition_from_json, keep_text
from digest.composer.mend import Mend, mend
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.writer import LetterWriter
from digest.models import Edition, Finding, Reason, StoredEdition, Variant
from digest.pipeline.audience import (
    AudienceRule,
    Distribution,
    Mail,
    VariantRule,
    distribute,
    general_rule,
    variant_for,
)
from digest.store import comments, posts
from digest.store.audience import audience_groups
from digest.store.engine import Connection, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition with every letter that its subscribers need, checked."""

    edition: Edition
    #: `edition` as it is to be stored, and its hash; both as they are where nothing was mended.
    snapshot: str
    content_hash: str
    #: By variant key.
    rendered: Mapping[str, RenderedVariant]
    distribution: Distribution
    #: Stories, and parts of stories, that were left out for a finding of their own.
    mends: tuple[Mend, ...]

    @property
    def subscribers(self) -> int:
        """Subscribers who would get a mail."""
        return self.distribution.subscribers

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every variant, each once."""
        found = (finding for each in self.rendered.values() for finding in each.letter.findings)
        return tuple(dict.fromkeys(found))


def prepare(
    database: Database,
    stored: StoredEdition,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    now: datetime,
) -> Prepared:
    """Write and check every letter of a draft; nothing is stored.

    A finding that belongs to one story is mended by leaving out its part, or the story, with the
    reason.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    composed = edition_from_json(stored.snapshot)
    with database.read() as connection:
        present = read_present(connection, composed, now=now)

    def distribute_now(edition: Edition) -> Distribution:
        with database.read() as connection:
            return read_distribution(connection, edition, audience, now=now)

    def plan_mails(edition: Edition) -> tuple[Mail, ...]:
        # Also the one that all would get who came to no group.
        return (*general_mail(edition), *distribute_now(edition).mails.values())

    settled = render_all(composed, writer, present, plan_mails)
    snapshot = keep_text(settled.edition, stored.snapshot)
    return Prepared(
        edition=settled.edition,
        snapshot=snapshot,
        content_hash=content_hash(snapshot),
        rendered=settled.rendered,
        distribution=distribute_now(settled.edition),
        mends=settled.mends,
    )


def read_distribution(
    connection: Connection, edition: Edition, audience: AudienceRule, *, now: datetime
) -> Distribution:
    """Decide what each group of those who may be mailed now gets of an edition."""
    return distribute(
        edition,
        audience_groups(connection, audience.audience_key, now=now, by_clock=audience.is_local),
        reach=posts.last_seq_before(connection, now - audience.max_window),
        max_variants=audience.max_variants,
    )


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
