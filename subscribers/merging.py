"""What a row of a file makes of a subscription: pure rules.

Mail that ended never begins again, and nobody is confirmed without the operator naming the
consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from subscribers.preferences import Consent, Preferences, State, Subscription, stronger_ending
from subscribers.rows import SubscriberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a file, or one person, is brought in."""

    newsletter: str
    #: The secret keys, newest first; suppression is looked up under each.
    keys: Sequence[str]
    now: datetime
    #: What people agreed to, or where that is kept; empty: new people stay pending.
    consent: str = ""
    #: How consent was given: `import`, `form` or `manual`.
    how: str = "import"
    #: Newcomers have seen the posts up to this number; None: the newsletter's own rule.
    seen_seq: int | None = None
    #: Accept addresses of example and test domains.
    allow_reserved: bool = False


def start_subscription(row: SubscriberRow, options: ImportOptions) -> Subscription:
    """Give the subscription of somebody new to the newsletter."""
    state = _choose_state(row, options)
    is_agreed = state is State.CONFIRMED or (state.is_ended and row.consent is not None)
    return Subscription(
        newsletter=options.newsletter,
        state=state,
        joined_at=min(row.joined_at or options.now, options.now),
        preferences=row.preferences,
        consent=_choose_consent(row, options) if is_agreed else None,
        seen_seq=options.seen_seq,
        left_at=(row.left_at or options.now) if state.is_ended else None,
        left_how=(row.left_how or options.how) if state.is_ended else "",
    )


def merge_subscription(
    known: Subscription, row: SubscriberRow, options: ImportOptions
) -> Subscription:
    """Give a subscription as it stands after a row; equal to `known` where nothing changes."""
    state = _choose_state(row, options)
    if state.is_ended:
        return _end(known, stronger_ending(known.state, state), row, options)
    if known.state.is_ended:
        return known
    merged = replace(known, preferences=_merge_preferences(known.preferences, row.preferences))
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


def _merge_preferences(known: Preferences, told: Preferences) -> Preferences:
    """Take over what the row tells; an empty cell tells nothing."""
    return Preferences(
        categories=told.categories or known.categories,
        cadence=told.cadence or known.cadence,
        language=told.language or known.language,
        text_size=known.text_size if told.text_size == "normal" else told.text_size,
        zone=told.zone or known.zone,
        hour=known.hour if told.hour is None else told.hour,
        paused_until=told.paused_until or known.paused_until,
    )
