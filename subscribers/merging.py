"""Merges a row of a file into a subscription. Pure.

An ended subscription never starts again, and a subscription is confirmed only if the operator
named the consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from subscribers.preferences import Consent, Preferences, State, Subscription, stronger_ending
from subscribers.rows import SubscriberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options for importing a file or one person."""

    newsletter: str
    #: The secret keys, newest first; suppressed addresses are looked up with each.
    keys: Sequence[str]
    now: datetime
    #: The words that people agreed to, or where they are kept. Empty: new people stay pending.
    consent: str = ""
    #: How consent was given: `import`, `form` or `manual`.
    how: str = "import"
    #: The last `seq` that new subscribers count as seen; None: the newsletter's own rule.
    seen_seq: int | None = None
    #: Whether to accept addresses of example and test domains.
    allow_reserved: bool = False
    #: The newsletter's categories; empty: any name is accepted.
    categories: Sequence[str] = ()
    #: IANA name of the newsletter's zone, for dates without a time of day.
    zone: str = "UTC"
    #: Where the people came from, as `read_source` returns it; empty: `how`.
    source: str = ""


def start_subscription(row: SubscriberRow, options: ImportOptions) -> Subscription:
    """Return the subscription of a person who is new to the newsletter."""
    state = _choose_state(row, options)
    is_agreed = state is State.CONFIRMED or (state.is_ended and row.consent is not None)
    return Subscription(
        newsletter=options.newsletter,
        state=state,
        joined_at=min(row.joined_at or options.now, options.now),
        is_joined_known=row.joined_at is not None,
        preferences=row.preferences,
        consent=_choose_consent(row, options) if is_agreed else None,
        source=row.source or options.source or options.how,
        seen_seq=options.seen_seq,
        left_at=(row.left_at or options.now) if state.is_ended else None,
        left_how=(row.left_how or options.how) if state.is_ended else "",
    )


def merge_subscription(
    known: Subscription, row: SubscriberRow, options: ImportOptions
) -> Subscription:
    """Return a subscription after a row was merged; equal to `known` if nothing changes."""
    state = _choose_state(row, options)
    if state.is_ended:
        return _end(known, stronger_ending(known.state, state), row, options)
    if known.state.is_ended:
        return known
    merged = replace(
        known,
        preferences=_merge_preferences(known.preferences, row.preferences),
        # The first source stays: there a person came from.
        source=known.source or row.source or options.source,
    )
    if row.joined_at is not None and not known.is_joined_known:
        joined_at = min(row.joined_at, options.now)
        merged = replace(merged, joined_at=joined_at, is_joined_known=True)
    if known.state is State.PENDING and state is State.CONFIRMED:
        return replace(merged, state=state, consent=_choose_consent(row, options))
    return merged


def _choose_state(row: SubscriberRow, options: ImportOptions) -> State:
    if row.state is not None and row.state is not State.CONFIRMED:
        return row.state
    return State.CONFIRMED if options.consent else State.PENDING


def _choose_consent(row: SubscriberRow, options: ImportOptions) -> Consent:
    return row.consent or Consent(at=options.now, how=options.how, text=options.consent)


def _end(
    known: Subscription, state: State, row: SubscriberRow, options: ImportOptions
) -> Subscription:
    if state is known.state:
        return known
    return replace(
        known,
        state=state,
        left_at=row.left_at or options.now,
        left_how=row.left_how or options.how,
    )


def _merge_preferences(known: Preferences, given: Preferences) -> Preferences:
    """Return the row's preferences; an empty cell keeps the known value."""
    return Preferences(
        categories=given.categories or known.categories,
        cadence=given.cadence or known.cadence,
        language=given.language or known.language,
        text_size=known.text_size if given.text_size == "normal" else given.text_size,
        zone=given.zone or known.zone,
        hour=known.hour if given.hour is None else given.hour,
        paused_until=given.paused_until or known.paused_until,
    )
