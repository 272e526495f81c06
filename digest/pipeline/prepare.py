"""From a draft to every letter its subscribers need, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.edition import content_hash, edition_from_json, keep_text
from digest.composer.mend import Mend
from digest.letter.writer import LetterWriter
from digest.models import Edition, Finding, StoredEdition
from digest.pipeline.audience import AudienceRule
from digest.pipeline.distribution import (
    Distribution,
    Mail,
    distribute,
)
from digest.pipeline.rendering import RenderedVariant, general_mail, read_present, render_all
from digest.store import posts
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
