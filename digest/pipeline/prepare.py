"""Writes every letter that a draft's subscribers need, checks it, and mends faulty stories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from digest.composer.mend import Mend, mend
from digest.composer.snapshot import content_hash, edition_from_json, keep_text
from digest.errors import CorruptStoreError
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
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
from digest.store import comments, moderation, posts
from digest.store.audience import audience_groups
from digest.store.engine import Connection, Database


class WritesLetters(Protocol):
    """Writes the letters of one newsletter."""

    def write(self, edition: Edition, variant: Variant, present: Present = ...) -> Letter:
        """Render, fit, encode and check one variant.

        Raises:
            TemplateError: a template cannot be rendered.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition with every letter that its subscribers need, checked."""

    edition: Edition
    #: `edition` as JSON, as it must be stored; unchanged if nothing was mended.
    snapshot: str
    #: Hash of `snapshot`.
    content_hash: str
    #: By variant key.
    rendered: Mapping[str, RenderedVariant]
    distribution: Distribution
    #: Stories, and parts of stories, that were left out because a check found an error in them.
    mends: tuple[Mend, ...]

    @property
    def subscribers(self) -> int:
        """Number of subscribers who would get a mail."""
        return self.distribution.subscribers

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all variants, each once."""
        found = (finding for each in self.rendered.values() for finding in each.letter.findings)
        return tuple(dict.fromkeys(found))


def prepare(
    database: Database,
    stored: StoredEdition,
    writer: WritesLetters,
    audience: AudienceRule,
    *,
    now: datetime,
    issued_at: datetime | None = None,
) -> Prepared:
    """Write and check every letter of a draft; nothing is stored.

    The letters print the day of `issued_at`; None for the day on which it would be sent.

    An error in one story is mended: the faulty part, or the story, is left out, and the reason is
    stored.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    composed = dated_edition(stored, now=now)
    if issued_at is not None:
        composed = replace(composed, issued_at=issued_at)
    with database.read() as connection:
        present = read_present(connection, composed, now=now)

    distribution = Distribution(mails={}, waiting=0, widened=0)

    def plan_mails(edition: Edition) -> tuple[Mail, ...]:
        nonlocal distribution
        with database.read() as connection:
            distribution = read_distribution(connection, edition, audience, now=now)
        # Also the mail with all categories, even if no subscriber would get it.
        return (*general_mail(edition), *distribution.mails.values())

    settled = render_all(composed, writer, present, plan_mails)
    snapshot = keep_text(settled.edition, stored.snapshot)
    return Prepared(
        edition=settled.edition,
        snapshot=snapshot,
        content_hash=content_hash(snapshot),
        rendered=settled.rendered,
        distribution=distribution,
        mends=settled.mends,
    )


def dated_edition(stored: StoredEdition, *, now: datetime) -> Edition:
    """Return a stored edition with the day that its mails print.

    A draft is dated as if it were sent at its hour, or now if its hour has come.

    Raises:
        CorruptStoreError: the stored text is damaged.
    """
    try:
        edition = edition_from_json(stored.snapshot)
    except ValueError as error:
        raise CorruptStoreError.of_edition(stored.id) from error
    if stored.frozen_at is not None:
        return replace(edition, issued_at=stored.first_at)
    return replace(edition, issued_at=first_mail_at(stored, at_once=now))


def first_mail_at(
    stored: StoredEdition, *, at_once: datetime, is_at_once: bool = False
) -> datetime:
    """Return when the first mail of a draft is due, by the clocks of the newsletter's zone.

    Args:
        stored: the draft.
        at_once: the earliest time.
        is_at_once: whether every mail is due at that time, whatever the edition's hour.
    """
    return at_once if is_at_once or stored.is_extra else max(at_once, stored.due_at)


def read_distribution(
    connection: Connection, edition: Edition, audience: AudienceRule, *, now: datetime
) -> Distribution:
    """Decide which variant each group of subscribers gets that may be mailed now."""
    return distribute(
        edition,
        audience_groups(connection, audience.audience_key, now=now, by_clock=audience.is_local),
        reach=posts.last_seq_before(connection, now - audience.max_window),
        max_variants=audience.max_variants,
    )


#: Rounds in which only parts of stories are left out; after that, whole stories.
_PART_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedVariant:
    """A variant with its letter, and the first rule that led to it."""

    rule: VariantRule
    #: The variant as planned; `letter.variant` is the one after cuts for size.
    variant: Variant
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedEdition:
    """An edition whose stories pass every check, and its letters."""

    edition: Edition
    #: By the key of the planned variant.
    rendered: Mapping[str, RenderedVariant]
    #: The stories and parts that were left out.
    mends: tuple[Mend, ...]


def render_all(
    edition: Edition,
    writer: WritesLetters,
    present: Present,
    plan_mails: Callable[[Edition], Iterable[Mail]],
) -> MendedEdition:
    """Write letters, leave out the parts of stories that a check refuses, and write them again.

    This ends because each round leaves something out. Letters that a mend does not touch are kept.

    Args:
        edition: the composed edition.
        writer: the writer of the letters.
        present: facts that are not in the edition, such as deleted comments.
        plan_mails: a function that returns the mails of an edition.

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
    connection: Connection, edition: Edition, writer: WritesLetters, *, now: datetime
) -> Edition:
    """Return a draft as it would be frozen, mended only for the mail that most subscribers get.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    present = read_present(connection, edition, now=now)
    return render_all(edition, writer, present, general_mail).edition


def general_mail(edition: Edition) -> tuple[Mail, ...]:
    """Return the mail with all categories since the last edition; empty if it has no stories."""
    rule = general_rule(edition)
    variant = variant_for(edition, rule)
    return (Mail(rule=rule, variant=variant),) if variant else ()


def read_present(connection: Connection, edition: Edition, *, now: datetime) -> Present:
    """Read which of the comments that an edition quotes were deleted or refused since."""
    quoted = [quote.comment_id for story in edition.stories for quote in story.quotes]
    return Present(
        gone_comments=comments.missing(connection, quoted),
        refused_comments=moderation.refused_among(connection, quoted),
        now=now,
    )


def _render_all(
    edition: Edition,
    mails: Iterable[Mail],
    writer: WritesLetters,
    present: Present,
    before: Mapping[str, RenderedVariant],
) -> dict[str, RenderedVariant]:
    """Write the letter of each variant once; unchanged variants keep their letter."""
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
