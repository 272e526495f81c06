"""The audience of an edition: the variant of each subscriber, and the time of their mail."""

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
from subscribers.segments import EVERYBODY, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRule:
    """The subscribers of an edition, the limit of their windows, and when their mails are due."""

    newsletter: str
    cadence: str
    #: True for the newsletter's first cadence, which also has the subscribers who chose no cadence
    #: or an unknown one.
    is_first: bool
    #: The longest window; older posts are not mailed to subscribers who are further behind.
    max_window: timedelta
    #: The limit of variants; above it, the windows of the rarest variants are widened.
    max_variants: int
    #: The slot's wall clock, if it applies in each subscriber's own zone; None if all mails are due
    #: at the same moment.
    local_at: str | None
    #: IANA name of the newsletter's zone, for subscribers who chose none.
    timezone: str
    #: The newsletter's other cadences.
    others: tuple[str, ...] = ()
    #: The part of the newsletter's subscribers that it is for.
    segment: Segment = EVERYBODY

    @property
    def audience_key(self) -> CadenceAudience:
        """The key that selects the subscribers of the cadence."""
        return CadenceAudience(
            self.newsletter, self.cadence, self.is_first, self.others, self.segment
        )

    @property
    def is_local(self) -> bool:
        """Whether the slot's wall clock applies in each subscriber's own zone."""
        return self.local_at is not None

    def together(self) -> AudienceRule:
        """Return the rule with all mails due at the same moment."""
        return replace(self, local_at=None)

    def due_at(self, group: AudienceGroup, *, at_once: datetime) -> datetime:
        """Return when a group's mail is due: at the group's own hour, but not before `at_once`."""
        if self.local_at is None:
            return at_once
        own = local_instant(self.local_at, group.zone, group.hour, default_zone=self.timezone)
        return max(own, at_once)


def approval_hash(content_hash: str, audience: AudienceRule) -> str:
    """Return the SHA-256, in hex, of the content and the audience rule that an approval covers.

    It is stored as `approved_hash`, which has this meaning everywhere. Adding or renaming a field
    of the rule voids every approval; a segment is in it only if it has a condition.
    """
    covered = asdict(audience)
    if audience.segment.is_everybody:
        del covered["segment"]
    rule = json.dumps(covered, sort_keys=True, default=str)
    return hashlib.sha256(f"{content_hash}\0{rule}".encode()).hexdigest()


def local_instant(local_at: str, zone: str, hour: int | None, *, default_zone: str) -> datetime:
    """Return the moment at which a subscriber's local time is a slot's wall clock.

    As for slots, a local time that the clock change skips moves forward by the length of the gap,
    and the first of two equal local times counts (PEP 495, fold 0).

    Args:
        local_at: the slot's wall clock, such as `2026-11-23T07:00`.
        zone: the subscriber's zone; `default_zone` is used if it is empty or unknown.
        hour: the full hour that the subscriber chose; None for the slot's time.
        default_zone: the newsletter's zone.
    """
    local = datetime.fromisoformat(local_at)
    if hour is not None:
        local = local.replace(hour=hour, minute=0)
    return local.replace(tzinfo=_zone(zone) or ZoneInfo(default_zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None if the name, which a subscriber chose, is not a zone."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRule:
    """The choices and the window of one group of subscribers, which determine a variant."""

    #: The chosen categories, as JSON like in the subscription; empty for all.
    categories: str
    #: `seq` after which the window begins.
    since_seq: int
    #: The chosen language; empty for the newsletter's.
    language: str = ""
    #: `normal` or `large`.
    text_size: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The variant of one group of subscribers."""

    rule: VariantRule
    variant: Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The assignment of an edition's subscribers to variants."""

    #: The mail of each group; groups without a new story are left out.
    mails: Mapping[AudienceGroup, Mail]
    #: Number of subscribers whose window begins before the edition's posts. They get no mail of
    #: this edition; their window stays, and the next edition is composed to cover it.
    waiting: int
    #: Number of subscribers whose window was widened to limit the number of variants.
    widened: int

    @property
    def subscribers(self) -> int:
        """Number of subscribers who get a mail."""
        return sum(group.subscribers for group in self.mails)


def rule_of_variant(stored: StoredVariant) -> VariantRule:
    """Return the rule that a stored variant was made by."""
    return VariantRule(
        categories=stored.categories,
        since_seq=stored.since_seq,
        language=stored.language,
        text_size=stored.text_size,
    )


def make_rule(categories: str, since_seq: int, language: str, text_size: str) -> VariantRule:
    """Return the rule of a subscriber's choices, with the default for an unsupported choice."""
    return VariantRule(
        categories=categories,
        since_seq=since_seq,
        language=language if is_spoken(language) else "",
        text_size=text_size if text_size in TEXT_SIZES else "normal",
    )


def general_rule(edition: Edition) -> VariantRule:
    """Return the rule of most subscribers: all categories, since the cadence's last edition."""
    return VariantRule(categories="", since_seq=edition.last_cut_seq)


def variant_for(edition: Edition, rule: VariantRule) -> Variant | None:
    """Return the variant of subscribers with that rule; None if they have no new story."""
    chosen = load_categories(rule.categories)
    return plan_variant(
        edition,
        categories=frozenset(chosen) if chosen else None,
        since_seq=rule.since_seq,
        language=rule.language,
        text_size=rule.text_size,
    )


def rule_for_group(edition: Edition, group: AudienceGroup, *, reach: int) -> VariantRule:
    """Return the rule of a group, whose window is the posts since its own last mail.

    The window of a new subscriber begins after the cadence's last edition. No window begins before
    `reach`, the last post before `max_window`, unless posts before it were in no edition of the
    cadence yet.
    """
    start = edition.last_cut_seq if group.seen_seq is None else group.seen_seq
    floor = min(reach, edition.last_cut_seq)
    return make_rule(group.categories, max(start, floor), group.language, group.text_size)


def distribute(
    edition: Edition, groups: Iterable[AudienceGroup], *, reach: int, max_variants: int
) -> Distribution:
    """Decide which variant each group of subscribers gets."""
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
    """Return the window that replaces each window: itself, or a wider one.

    While there are more than `most` variants, the windows of the variant with the fewest
    subscribers are replaced by the nearest wider window that is kept and has the same choices. No
    subscriber misses a post by that, but these few subscribers get some stories of their last mail
    again. A narrower window would lose stories for good, and other categories would be against the
    subscriber's choice; so a variant without a wider window stays, even above `most`.

    Args:
        keys: the key of each window's variant.
        subscribers: the number of subscribers with each window.
        most: the limit of variants.
    """
    by_key: dict[str, list[VariantRule]] = {}
    for rule, key in keys.items():
        by_key.setdefault(key, []).append(rule)
    kept = dict(keys)
    wider: dict[VariantRule, VariantRule] = {}
    rarest = sorted(by_key, key=lambda key: (sum(subscribers[w] for w in by_key[key]), key))
    for key in rarest:
        if len(by_key) - len(_replaced_keys(by_key, wider)) <= most:
            break
        found = {rule: _nearest_wider(rule, key, kept) for rule in by_key[key]}
        targets = {rule: to for rule, to in found.items() if to is not None}
        if len(targets) == len(found):
            wider |= targets
            for rule in targets:
                del kept[rule]
    return {rule: _follow(rule, wider) for rule in keys}


def _replaced_keys(
    by_key: Mapping[str, list[VariantRule]], wider: Mapping[VariantRule, VariantRule]
) -> list[str]:
    return [key for key, windows in by_key.items() if windows[0] in wider]


def _nearest_wider(
    rule: VariantRule, key: str, kept: Mapping[VariantRule, str]
) -> VariantRule | None:
    earlier = (
        other
        for other, its_key in kept.items()
        if replace(other, since_seq=rule.since_seq) == rule
        and other.since_seq < rule.since_seq
        and its_key != key
    )
    return max(earlier, key=lambda other: other.since_seq, default=None)


def _follow(rule: VariantRule, wider: Mapping[VariantRule, VariantRule]) -> VariantRule:
    while rule in wider:
        rule = wider[rule]
    return rule
