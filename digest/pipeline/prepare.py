"""From a draft to every letter its subscribers need, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.composer.edition import content_hash, edition_from_json, edition_to_json
from digest.composer.mend import Mend
from digest.letter.writer import LetterWriter
from digest.models import Edition, Finding
from digest.pipeline.distribution import (
    Distribution,
    Mail,
    distribute,
)
from digest.pipeline.rendering import RenderedVariant, general_mail, read_present, render_all
from digest.pipeline.waves import local_instant
from digest.store import posts
from digest.store.audience import AudienceGroup, CadenceAudience, audience_groups
from digest.store.editions import StoredEdition
from digest.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRule:
    """Who an edition goes to, how far back their windows reach, and when each is due."""

    newsletter: str
    cadence: str
    #: Subscribers without a cadence, or with one that is not known, belong to the first.
    is_first: bool
    #: Who is further behind gets what is newer.
    max_window: timedelta
    #: With more, the rarest windows are widened.
    max_variants: int
    #: The slot's wall clock where it counts in each subscriber's own zone; None: all at once.
    local_at: str | None
    #: The newsletter's, for subscribers who named none.
    timezone: str
    #: The newsletter's other cadences.
    others: tuple[str, ...] = ()

    @property
    def audience_key(self) -> CadenceAudience:
        """The subscribers of the cadence."""
        return CadenceAudience(self.newsletter, self.cadence, self.is_first, self.others)

    @property
    def is_local(self) -> bool:
        """Whether each subscriber's own clock counts."""
        return self.local_at is not None

    def due_at(self, group: AudienceGroup, *, at_once: datetime) -> datetime:
        """Give when a group's mail may go: at its own hour, but not before `at_once`."""
        if self.local_at is None:
            return at_once
        own = local_instant(self.local_at, group.zone, group.hour, default_zone=self.timezone)
        return max(own, at_once)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition with every letter that its subscribers need, checked."""

    edition: Edition
    #: Canonical JSON of `edition`, and its hash.
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
    snapshot = edition_to_json(settled.edition)
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
