"""Examines a draft: writes and checks every letter, counts its audience, and stores both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from digest.errors import NothingToDo
from digest.models import Actor, AudienceGroup, StoredEdition
from digest.models.examinations import (
    Examination,
    ExaminationReport,
    Share,
    VariantSummary,
)
from digest.newsroom.audit import record
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.jump import jump_among
from digest.newsroom.proof.memory import LetterMemory
from digest.pipeline.audience import AudienceRule, approval_hash
from digest.pipeline.prepare import Prepared, RenderedVariant, prepare
from digest.store import editions, examinations
from digest.store.audience import count_domains
from digest.store.audience_counts import take_census
from digest.store.engine import Connection
from subscribers.preferences import load_categories

#: Domains that are counted; most lists have a long tail of others.
MOST_DOMAINS = 10
#: Variants that an approver should look at.
_LARGEST = 3
_ACTOR_LETTERS = 64


def examine(
    context: RunContext, memory: LetterMemory | None, edition_id: int, *, by: Actor
) -> Examination:
    """Examine a draft and store the result; this reads the whole audience.

    Args:
        context: the installation's context.
        memory: the letters that were written before; None to write all.
        edition_id: the edition.
        by: the actor.

    Raises:
        UsageError: the edition or its newsletter does not exist.
        NothingToDo: it is no longer a draft.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    if stored.frozen_at is not None or stored.state not in editions.UNFROZEN:
        raise NothingToDo(f"edition {stored.id}: no longer a draft ({stored.state})")
    prepared = prepare_with(context, memory, stored)
    examination = examination_of(context, stored, prepared, by=by)
    with context.database.write() as connection:
        examinations.save(connection, examination)
        record(
            context,
            connection,
            by,
            "examine",
            newsletter=stored.newsletter,
            edition_id=stored.id,
            detail=examination.hash[:12],
        )
    return examination


def prepare_with(
    context: RunContext, memory: LetterMemory | None, stored: StoredEdition
) -> Prepared:
    """Write and check every letter of a draft; letters in `memory` are not written again.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    writer = memory.writer(owner.writer, stored.content_hash) if memory else owner.writer
    return prepare(context.database, stored, writer, audience, now=context.clock())


def examination_of(
    context: RunContext, stored: StoredEdition, prepared: Prepared, *, by: Actor
) -> Examination:
    """Return the examination of a prepared draft; it is not stored.

    Raises:
        StoreError: the database cannot be used.
    """
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    with context.database.read() as connection:
        report = _report(context, connection, owner, stored, audience, prepared)
    return Examination(
        edition_id=stored.id,
        hash=approval_hash(prepared.content_hash, audience),
        made_from=approval_hash(stored.content_hash, audience),
        snapshot=prepared.snapshot,
        report=report,
        made_at=context.clock(),
        made_by=by.name[:_ACTOR_LETTERS],
    )


def _report(
    context: RunContext,
    connection: Connection,
    owner: NewsletterContext,
    stored: StoredEdition,
    audience: AudienceRule,
    prepared: Prepared,
) -> ExaminationReport:
    groups = tuple(prepared.distribution.mails)
    key, now = audience.audience_key, context.clock()
    census = take_census(connection, owner.name, segment=owner.segment)
    domains = count_domains(connection, key, now=now, most=MOST_DOMAINS)
    return ExaminationReport(
        subscribers=prepared.subscribers,
        waiting=prepared.distribution.waiting,
        widened=prepared.distribution.widened,
        sections=_shares(_by_section(groups)),
        cadences=tuple(
            Share(value=each.value, subscribers=each.subscribers) for each in census.cadences
        ),
        languages=_shares((each.language, each.subscribers) for each in groups),
        text_sizes=_shares((each.text_size, each.subscribers) for each in groups),
        domains=tuple(Share(value=name, subscribers=count) for name, count in domains),
        variants=len(prepared.rendered),
        largest=_largest(prepared),
        findings=prepared.findings,
        left_out=tuple(
            f"{each.words} ({each.reason.code} {each.reason.text})" for each in prepared.mends
        ),
        last_audience=editions.last_audience(connection, stored.newsletter, stored.cadence),
        jump=jump_among(context, connection, stored, prepared.subscribers),
    )


def _by_section(groups: Iterable[AudienceGroup]) -> Iterator[tuple[str, int]]:
    for group in groups:
        for name in load_categories(group.categories) or ("",):
            yield name, group.subscribers


def _shares(counted: Iterable[tuple[str, int]]) -> tuple[Share, ...]:
    sums: Counter[str] = Counter()
    for value, subscribers in counted:
        sums[value] += subscribers
    return tuple(Share(value=value, subscribers=count) for value, count in sums.most_common())


def _largest(prepared: Prepared) -> tuple[VariantSummary, ...]:
    subscribers: Counter[str] = Counter()
    for group, mail in prepared.distribution.mails.items():
        subscribers[mail.variant.key] += group.subscribers
    summaries = (_summary(key, each, subscribers[key]) for key, each in prepared.rendered.items())
    return tuple(sorted(summaries, key=lambda each: -each.size)[:_LARGEST])


def _summary(key: str, each: RenderedVariant, subscribers: int) -> VariantSummary:
    rule = each.rule
    label = ", ".join(load_categories(rule.categories)) or "All sections"
    looks = [rule.language, "larger text" if rule.text_size == "large" else ""]
    return VariantSummary(
        key=key,
        label=" · ".join(filter(None, (label, *looks))),
        subject=each.letter.subject,
        size=len(each.letter.html.encode()),
        story_count=each.letter.variant.count,
        subscribers=subscribers,
        categories=rule.categories,
        since_seq=rule.since_seq,
        language=rule.language,
        text_size=rule.text_size,
    )
