"""From a draft to every letter its readers need, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.edition import content_hash, edition_from_json, edition_to_json
from digest.composer.mend import leave_out
from digest.letter.letter import Letter
from digest.letter.variants import plan_variant
from digest.models import Edition, Finding, Omission, Reason, Variant
from digest.press import Press
from digest.store import audience, editions
from digest.store.editions import StoredEdition
from digest.store.engine import Database
from subscribers.preferences import load_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one group of readers chose and has seen: the rule that makes a variant."""

    #: JSON, as stored with the subscription; empty: all.
    categories: str
    since_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A variant with its letter, and the first rule that led to it."""

    window: Window
    variant: Variant
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An edition with every letter that its readers need, checked."""

    edition: Edition
    #: Canonical JSON of `edition`, and its hash.
    snapshot: str
    content_hash: str
    #: By variant key.
    prints: Mapping[str, Print]
    #: Readers who would get a mail.
    readers: int
    #: Stories that were left out for a finding of their own.
    mended: tuple[Omission, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every variant, each once."""
        found = (finding for each in self.prints.values() for finding in each.letter.findings)
        return tuple(dict.fromkeys(found))


def everybody(edition: Edition) -> Window:
    """Give the rule of the variant that most readers share: all categories since last time."""
    return Window(categories="", since_seq=edition.last_cut_seq)


def plan(edition: Edition, window: Window) -> Variant | None:
    """Give what readers with that rule get; None where nothing is new for them."""
    chosen = load_categories(window.categories)
    return plan_variant(
        edition, categories=frozenset(chosen) if chosen else None, since_seq=window.since_seq
    )


def prepare(database: Database, stored: StoredEdition, press: Press, *, now: datetime) -> Prepared:
    """Write and check every letter of a draft; nothing is stored.

    A finding that belongs to one story is mended by leaving that story out, with the reason.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    groups = read_audience(database, stored.newsletter, now=now)
    edition = composed = edition_from_json(stored.snapshot)
    while True:
        prints = _print_all(edition, [everybody(edition), *groups], press)
        faults = _faults_by_story(prints.values())
        if not faults:
            break
        edition = leave_out(edition, faults)
    snapshot = edition_to_json(edition)
    return Prepared(
        edition=edition,
        snapshot=snapshot,
        content_hash=content_hash(snapshot),
        prints=prints,
        readers=sum(count for window, count in groups.items() if plan(edition, window)),
        mended=edition.omitted[len(composed.omitted) :],
    )


def read_audience(database: Database, newsletter: str, *, now: datetime) -> dict[Window, int]:
    """Count the readers who may be mailed, by rule; newcomers start at the last finished cut."""
    with database.read() as connection:
        start = editions.newest_finished_cut(connection, newsletter)
        groups = audience.audience_groups(connection, newsletter, now=now)
    counted: dict[Window, int] = {}
    for group in groups:
        since = start if group.seen_seq is None else group.seen_seq
        window = Window(categories=group.categories, since_seq=since)
        counted[window] = counted.get(window, 0) + group.readers
    return counted


def _print_all(edition: Edition, windows: Iterable[Window], press: Press) -> dict[str, Print]:
    prints: dict[str, Print] = {}
    for window in windows:
        variant = plan(edition, window)
        if variant is not None and variant.key not in prints:
            letter = press.write(edition, variant)
            prints[variant.key] = Print(window=window, variant=variant, letter=letter)
    return prints


def _faults_by_story(prints: Iterable[Print]) -> dict[int, Reason]:
    return {
        finding.post_id: Reason(code=finding.rule, text=f"{finding.place}: {finding.text}")
        for each in prints
        for finding in each.letter.findings
        if finding.is_error and finding.post_id
    }
