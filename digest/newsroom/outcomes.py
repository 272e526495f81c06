"""Sums up what happened to an edition's mails: by state, by reason, by the words of servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import DeliveryState, shown_state
from digest.newsroom.reason_words import reason_in_words
from digest.store.engine import Connection
from digest.store.outcomes import OutcomeCount, ReplyCount, count_replies
from digest.text.server_words import without_ids

#: The states of which the servers' words are read.
_EXPLAINED = (
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.SKIPPED,
)
#: Different replies of a state that are read; a server may put an id into each.
_MOST_READ = 20_000
#: Replies shown for a state.
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """The number of mails of a state with one reason."""

    #: As stored, such as `greylisted`; empty if the reply is all that is known.
    reason: str
    #: The reason in words.
    meaning: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsCount:
    """The number of mails of a state to which servers replied in the same words."""

    #: Without addresses, numbers and ids; see `digest.text.server_words`.
    words: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateOutcome:
    """The mails of one state, and why they have it."""

    #: As shown to people: `pending`, `sending`, `sent`, `deferred`, `failed` …
    state: str
    count: int
    #: The most frequent first.
    reasons: tuple[ReasonCount, ...]
    #: The five most frequent replies; empty for a state that needs no attention.
    words: tuple[WordsCount, ...]
    #: The number of mails whose replies were read for `words`.
    words_read: int
    #: The earliest next try; None if none waits for one.
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayCount:
    """The answers of one relay, by the state of the mails now."""

    relay: str
    sent: int
    deferred: int
    failed: int
    unknown: int


def read_states(
    connection: Connection, edition_id: int, counts: Sequence[OutcomeCount]
) -> tuple[StateOutcome, ...]:
    """Return the outcome of each state that has mails, in the order of a mail's life."""
    present = {each.state for each in counts}
    replies = {
        shown_state(state): count_replies(connection, edition_id, state, most=_MOST_READ)
        for state in _EXPLAINED
        if state in present
    }
    shown = dict.fromkeys(shown_state(state) for state in DeliveryState if state in present)
    return tuple(_outcome(state, counts, replies.get(state, ())) for state in shown)


def _outcome(
    state: str, counts: Sequence[OutcomeCount], replies: Sequence[ReplyCount]
) -> StateOutcome:
    mine = [each for each in counts if shown_state(each.state) == state]
    reasons: Counter[str] = Counter()
    for each in mine:
        reasons[each.reason] += each.count
    return StateOutcome(
        state=state,
        count=reasons.total(),
        reasons=tuple(
            ReasonCount(reason=reason, meaning=reason_in_words(reason), count=count)
            for reason, count in reasons.most_common()
        ),
        words=most_frequent(replies),
        words_read=sum(each.count for each in replies),
        next_at=min((each.next_at for each in mine if each.next_at), default=None),
    )


def most_frequent(replies: Sequence[ReplyCount]) -> tuple[WordsCount, ...]:
    """Return the most frequent replies after grouping those that differ only in ids."""
    words: Counter[str] = Counter()
    for each in replies:
        if each.code:
            words[without_ids(f"{each.code} {each.text}".rstrip())] += each.count
    return tuple(
        WordsCount(words=said, count=count) for said, count in words.most_common(_MOST_SHOWN)
    )


def read_relays(counts: Sequence[OutcomeCount]) -> tuple[RelayCount, ...]:
    """Return each relay that answered, with the states of its mails, by name."""
    by_relay: dict[str, Counter[DeliveryState]] = {}
    for each in counts:
        if each.relay:
            by_relay.setdefault(each.relay, Counter())[each.state] += each.count
    return tuple(
        RelayCount(
            relay=relay,
            sent=found[DeliveryState.SENT],
            deferred=found[DeliveryState.DEFERRED],
            failed=found[DeliveryState.FAILED],
            unknown=found[DeliveryState.UNKNOWN],
        )
        for relay, found in sorted(by_relay.items())
    )
