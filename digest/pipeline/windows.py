"""Who gets which variant of an edition: each reader's window, and what it shows. Pure rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from digest.letter.planning.variants import TEXT_SIZES, plan_variant
from digest.models import Edition, Variant
from digest.store.audience import AudienceGroup
from digest.store.variants import StoredVariant
from digest.text.catalogue import is_spoken
from subscribers.preferences import load_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one group of readers chose and has seen: the rule that makes a variant."""

    #: JSON, as stored with the subscription; empty: all.
    categories: str
    since_seq: int
    #: As chosen; empty: the newsletter's.
    language: str = ""
    #: `normal` or `large`.
    text_size: str = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one group of readers gets of an edition."""

    window: Window
    variant: Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What becomes of an edition's readers."""

    #: Groups for whom nothing is new are left out.
    mails: Mapping[AudienceGroup, Mail]
    #: Readers whose window reaches further back than the edition was composed for. It stays as
    #: it is, and the next edition, composed with them in mind, covers it.
    waiting: int
    #: Readers whose window was widened, so that there are not too many variants.
    widened: int

    @property
    def readers(self) -> int:
        """Readers who get a mail."""
        return sum(group.readers for group in self.mails)


def rule_of(stored: StoredVariant) -> Window:
    """Give the rule that a stored variant was made by."""
    return Window(
        categories=stored.categories,
        since_seq=stored.since_seq,
        language=stored.language,
        text_size=stored.text_size,
    )


def make_window(categories: str, since_seq: int, language: str, text_size: str) -> Window:
    """Give the rule of a reader who chose so; what is not to be had here is the newsletter's."""
    return Window(
        categories=categories,
        since_seq=since_seq,
        language=language if is_spoken(language) else "",
        text_size=text_size if text_size in TEXT_SIZES else "normal",
    )


def everybody(edition: Edition) -> Window:
    """Give the rule of the variant that most readers share: all categories since last time."""
    return Window(categories="", since_seq=edition.last_cut_seq)


def plan(edition: Edition, window: Window) -> Variant | None:
    """Give what readers with that rule get; None where nothing is new for them."""
    chosen = load_categories(window.categories)
    return plan_variant(
        edition,
        categories=frozenset(chosen) if chosen else None,
        since_seq=window.since_seq,
        language=window.language,
        text_size=window.text_size,
    )


def window_of(edition: Edition, group: AudienceGroup, *, reach: int) -> Window:
    """Give a group's window: what came since its own last mail.

    A newcomer's starts where everybody's does. Nobody's reaches back beyond `reach`, the last
    post before `max_window`, but for posts that no edition of the cadence has told yet.
    """
    start = edition.last_cut_seq if group.seen_seq is None else group.seen_seq
    floor = min(reach, edition.last_cut_seq)
    return make_window(group.categories, max(start, floor), group.language, group.text_size)


def distribute(
    edition: Edition, groups: Iterable[AudienceGroup], *, reach: int, max_variants: int
) -> Distribution:
    """Decide what each group of readers gets of an edition."""
    windows = {group: window_of(edition, group, reach=reach) for group in groups}
    covered = {g: w for g, w in windows.items() if w.since_seq >= edition.since_seq}
    readers = Counter[Window]()
    for group, window in covered.items():
        readers[window] += group.readers
    variants = {window: plan(edition, window) for window in readers}
    planned = {window: variant for window, variant in variants.items() if variant is not None}
    wider = widen_rarest({w: v.key for w, v in planned.items()}, readers, most=max_variants)
    mails = {
        group: Mail(window=wider[window], variant=planned[wider[window]])
        for group, window in covered.items()
        if window in planned
    }
    return Distribution(
        mails=mails,
        waiting=sum(group.readers for group in windows.keys() - covered.keys()),
        widened=sum(readers[window] for window, to in wider.items() if window != to),
    )


def widen_rarest(
    keys: Mapping[Window, str], readers: Mapping[Window, int], *, most: int
) -> dict[Window, Window]:
    """Give each window, or the wider one that stands in for it.

    Beyond `most` variants, the windows of the variant with the fewest readers widen to the
    nearest earlier one of the same choices that stands. Nobody misses a post by that. What is
    given up is that nobody sees a story twice: those few readers get some stories of their last
    mail again. A narrower window would lose stories for good, and other categories would be
    against the reader's choice; so where no wider one stands, a variant stays, beyond `most` too.

    Args:
        keys: the variant that each window leads to.
        readers: how many have that window.
        most: how many variants there may be.
    """
    by_key: dict[str, list[Window]] = {}
    for window, key in keys.items():
        by_key.setdefault(key, []).append(window)
    standing = dict(keys)
    wider: dict[Window, Window] = {}
    rarest = sorted(by_key, key=lambda key: (sum(readers[w] for w in by_key[key]), key))
    for key in rarest:
        if len(by_key) - len(_gone(by_key, wider)) <= most:
            break
        found = {window: _nearest_wider(window, key, standing) for window in by_key[key]}
        targets = {window: to for window, to in found.items() if to is not None}
        if len(targets) == len(found):
            wider |= targets
            for window in targets:
                del standing[window]
    return {window: _follow(window, wider) for window in keys}


def _gone(by_key: Mapping[str, list[Window]], wider: Mapping[Window, Window]) -> list[str]:
    return [key for key, windows in by_key.items() if windows[0] in wider]


def _nearest_wider(window: Window, key: str, standing: Mapping[Window, str]) -> Window | None:
    earlier = (
        other
        for other, its_key in standing.items()
        if replace(other, since_seq=window.since_seq) == window
        and other.since_seq < window.since_seq
        and its_key != key
    )
    return max(earlier, key=lambda other: other.since_seq, default=None)


def _follow(window: Window, wider: Mapping[Window, Window]) -> Window:
    while window in wider:
        window = wider[window]
    return window
