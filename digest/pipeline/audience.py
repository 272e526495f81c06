"""Who gets an edition: which variant, by each subscriber's window, and when, in their zone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digest.letter.planning.variants import TEXT_SIZES, plan_variant
from digest.models import AudienceGroup, CadenceAudience, Edition, StoredVariant, Variant
from digest.text.languages import is_spoken
from subscribers.preferences import load_categories


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


def approval_hash(content_hash: str, audience: AudienceRule) -> str:
    """Return the SHA-256, in hex, of what an approval names: the content and the audience rule.

    Stored as `approved_hash`, which has this one meaning everywhere. A field that is added to the
    rule, or renamed, voids every approval.
    """
    rule = json.dumps(asdict(audience), sort_keys=True, default=str)
    return hashlib.sha256(f"{content_hash}\0{rule}".encode()).hexdigest()


def local_instant(local_at: str, zone: str, hour: int | None, *, default_zone: str) -> datetime:
    """Give when it is a slot's wall clock where a subscriber lives.

    A time that the clocks skip moves forward by the gap's length, and of one that comes twice the
    first counts, as for slots (PEP 495, fold 0).

    Args:
        local_at: the slot, `2026-11-23T07:00`.
        zone: the subscriber's; empty or unknown: `default_zone`.
        hour: the subscriber's own, full; None: the slot's time.
        default_zone: the newsletter's.
    """
    local = datetime.fromisoformat(local_at)
    if hour is not None:
        local = local.replace(hour=hour, minute=0)
    return local.replace(tzinfo=_zone(zone) or ZoneInfo(default_zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Give a zone; None where a subscriber's word names none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRule:
    """What one group of subscribers chose and has seen: the rule that makes a variant."""

    #: JSON, as stored with the subscription; empty: all.
    categories: str
    since_seq: int
    #: As chosen; empty: the newsletter's.
    language: str = ""
    #: `normal` or `large`.
    text_size: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one group of subscribers gets of an edition."""

    rule: VariantRule
    variant: Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What becomes of an edition's subscribers."""

    #: Groups for whom nothing is new are left out.
    mails: Mapping[AudienceGroup, Mail]
    #: Subscribers whose window reaches further back than the edition was composed for. It stays as
    #: it is, and the next edition, composed with them in mind, covers it.
    waiting: int
    #: Subscribers whose window was widened, so that there are not too many variants.
    widened: int

    @property
    def subscribers(self) -> int:
        """Subscribers who get a mail."""
        return sum(group.subscribers for group in self.mails)


def rule_of_variant(stored: StoredVariant) -> VariantRule:
    """Give the rule that a stored variant was made by."""
    return VariantRule(
        categories=stored.categories,
        since_seq=stored.since_seq,
        language=stored.language,
        text_size=stored.text_size,
    )


def make_rule(categories: str, since_seq: int, language: str, text_size: str) -> VariantRule:
    """Return the rule of a subscriber's choices; what is not offered here is the newsletter's."""
    return VariantRule(
        categories=categories,
        since_seq=since_seq,
        language=language if is_spoken(language) else "",
        text_size=text_size if text_size in TEXT_SIZES else "normal",
    )


def general_rule(edition: Edition) -> VariantRule:
    """Give the rule of the variant that most subscribers share: all categories since last time."""
    return VariantRule(categories="", since_seq=edition.last_cut_seq)


def variant_for(edition: Edition, rule: VariantRule) -> Variant | None:
    """Give what subscribers with that rule get; None where nothing is new for them."""
    chosen = load_categories(rule.categories)
    return plan_variant(
        edition,
        categories=frozenset(chosen) if chosen else None,
        since_seq=rule.since_seq,
        language=rule.language,
        text_size=rule.text_size,
    )


def rule_for_group(edition: Edition, group: AudienceGroup, *, reach: int) -> VariantRule:
    """Give a group's window: what came since its own last mail.

    A newcomer's starts where everybody's does. Nobody's reaches back beyond `reach`, the last
    post before `max_window`, but for posts that no edition of the cadence has told yet.
    """
    start = edition.last_cut_seq if group.seen_seq is None else group.seen_seq
    floor = min(reach, edition.last_cut_seq)
    return make_rule(group.categories, max(start, floor), group.language, group.text_size)


def distribute(
    edition: Edition, groups: Iterable[AudienceGroup], *, reach: int, max_variants: int
) -> Distribution:
    """Decide what each group of subscribers gets of an edition."""
    windows = {group: rule_for_group(edition, group, reach=reach) for group in groups}
    covered = {g: w for g, w in windows.items() if w.since_seq >= edition.since_seq}
    subscribers = Counter[VariantRule]()
    for group, rule in covered.items():
        subscribers[rule] += group.subscribers
    variants = {rule: variant_for(edition, rule) for rule in subscribers}
    planned = {rule: variant for rule, variant in variants.items() if variant is not None}
    wider = widen_rarest({w: v.key for w, v in planned.items()}, subscribers, most=max_variants)
    mails = {
        group: Mail(rule=wider[rule], variant=planned[wider[rule]])
        for group, rule in covered.items()
        if rule in planned
    }
    return Distribution(
        mails=mails,
        waiting=sum(group.subscribers for group in windows.keys() - covered.keys()),
        widened=sum(subscribers[rule] for rule, to in wider.items() if rule != to),
    )


def widen_rarest(
    keys: Mapping[VariantRule, str], subscribers: Mapping[VariantRule, int], *, most: int
) -> dict[VariantRule, VariantRule]:
    """Give each window, or the wider one that stands in for it.

    Beyond `most` variants, the windows of the variant with the fewest subscribers widen to the
    nearest earlier one of the same choices that stands. Nobody misses a post by that. What is
    given up is that nobody sees a story twice: those few subscribers get some stories of their last
    mail again. A narrower window would lose stories for good, and other categories would be
    against the subscriber's choice; so where no wider one stands, a variant stays, beyond `most`
    too.

    Args:
        keys: the variant that each window leads to.
        subscribers: how many have that window.
        most: how many variants there may be.
    """
    by_key: dict[str, list[VariantRule]] = {}
    for rule, key in keys.items():
        by_key.setdefault(key, []).append(rule)
    standing = dict(keys)
    wider: dict[VariantRule, VariantRule] = {}
    rarest = sorted(by_key, key=lambda key: (sum(subscribers[w] for w in by_key[key]), key))
    for key in rarest:
        if len(by_key) - len(_gone(by_key, wider)) <= most:
            break
        found = {rule: _nearest_wider(rule, key, standing) for rule in by_key[key]}
        targets = {rule: to for rule, to in found.items() if to is not None}
        if len(targets) == len(found):
            wider |= targets
            for rule in targets:
                del standing[rule]
    return {rule: _follow(rule, wider) for rule in keys}


def _gone(
    by_key: Mapping[str, list[VariantRule]], wider: Mapping[VariantRule, VariantRule]
) -> list[str]:
    return [key for key, windows in by_key.items() if windows[0] in wider]


def _nearest_wider(
    rule: VariantRule, key: str, standing: Mapping[VariantRule, str]
) -> VariantRule | None:
    earlier = (
        other
        for other, its_key in standing.items()
        if replace(other, since_seq=rule.since_seq) == rule
        and other.since_seq < rule.since_seq
        and its_key != key
    )
    return max(earlier, key=lambda other: other.since_seq, default=None)


def _follow(rule: VariantRule, wider: Mapping[VariantRule, VariantRule]) -> VariantRule:
    while rule in wider:
        rule = wider[rule]
    return rule
