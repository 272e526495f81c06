"""Shows the status of one edition."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from digest.cli.bounce_words import BOUNCES
from digest.cli.output import print_json, print_table, say, say_item
from digest.models import EditionState, PollResults, StoredEdition
from digest.text.counted import counted

if TYPE_CHECKING:
    from datetime import datetime

    from digest.newsroom.status import EditionStatus, SendingState, StateOutcome

#: States of which the number says all.
_PLAIN = ("pending", "sending", "sent")
#: Unknown mails in the list for people; `--json` has more.
_MOST_UNKNOWN = 20


def show_edition(found: EditionStatus, *, as_json: bool) -> None:
    """Print the status of one edition."""
    if as_json:
        print_json(_data(found))
        return
    edition = found.edition
    say(
        f"Edition {edition.id}, {edition.newsletter} No. {edition.number},"
        f" due {edition.hour}: {state_of(edition)}."
    )
    _show_sending(found)
    for state in found.states:
        if state.state not in _PLAIN:
            _show_state(state, is_sending=edition.state is EditionState.SENDING)
        if state.state == "unknown":
            _show_unknown(found)
    if found.relays:
        say()
        print_table(
            ("relay", "sent", "deferred", "failed", "unknown"),
            [(r.relay, r.sent, r.deferred, r.failed, r.unknown) for r in found.relays],
        )
    if found.bounces:
        say()
        print_table(
            ("refused or came back", "subscribers"),
            [(BOUNCES.get(name, name), count) for name, count in found.bounces.items()],
        )
    if found.poll:
        _show_poll(found.poll)
    if found.history:
        say()
    print_table(
        ("changed (UTC)", "by", "change", "details"),
        [(f"{e.at:%Y-%m-%d %H:%M:%S}", e.who, e.action, e.detail or "-") for e in found.history],
    )


def sending_lines(number: int, sending: SendingState) -> list[str]:
    """Return the last error and the next try of an edition that is being sent."""
    lines = [f"Last error: {sending.last_error}."] if sending.last_error else []
    if sending.next_try:
        now = f", or now with `digest send {number}`" if sending.can_try_now else ""
        lines.append(f"Next try: {_minute(sending.next_try)}{now}.")
    return lines


def edition_facts(edition: StoredEdition) -> dict[str, object]:
    """Return the row of an edition as data, without its snapshot."""
    facts = asdict(edition)
    del facts["snapshot"]
    return facts


def state_of(edition: StoredEdition) -> str:
    """Return the state of an edition for people."""
    return edition.state + (f" ({edition.paused_reason})" if edition.paused_reason else "")


def _show_sending(found: EditionStatus) -> None:
    """Print the numbers, what waits and why, and what has changed since the freeze."""
    if found.edition.state in (EditionState.DRAFT, EditionState.APPROVED):
        say("No mail was sent yet; `digest plan` shows when it is sent and what it still needs.")
    if found.states:
        shown = ", ".join(f"{count} {state}" for state, count in found.accounting.shown)
        say(f"{counted(found.accounting.frozen, 'mail')}: {shown}.")
    for hold in found.holds:
        until = f" until {_minute(hold.until)}" if hold.until else ""
        # With a time, the line of the next try names the command.
        release = f" {hold.release}" if hold.release and not hold.until else ""
        say(f"Nothing is sent{until}: {hold.reason}.{release}")
    for line in sending_lines(found.edition.id, found.sending):
        say(line)
    for worker in found.workers:
        since = f" since {worker.since:%Y-%m-%d %H:%M:%S} UTC" if worker.since else ""
        say(
            f"A sending process ({worker.name[:8]}) has"
            f" {counted(worker.claimed + worker.handing, 'mail')} in hand{since}; after a crash,"
            f" `digest send {found.edition.id}` takes them over."
        )
    for line in found.hung:
        say(f"Hangs: {line}.")
    for old in found.old_senders:
        say(f"{old.what.capitalize()}: {old.frozen}, as frozen; now configured: {old.configured}.")


def _show_state(state: StateOutcome, *, is_sending: bool) -> None:
    tries = f", next try {_minute(state.next_at)}" if state.next_at and is_sending else ""
    say()
    say(f"{state.state.capitalize()}: {counted(state.count, 'mail')}{tries}")
    for reason in state.reasons:
        if reason.meaning:
            code = f" [{reason.reason}]" if reason.reason != reason.meaning else ""
            say_item(f"{reason.meaning}{code}", first=f"{reason.count:>8}  ")
    if state.words:
        read = f" (of {state.words_read} replies read)" if state.words_read < state.count else ""
        say(f"  The mail servers said{read}:")
    for said in state.words:
        say_item(said.words, first=f"{said.count:>8}  ")


def _show_unknown(found: EditionStatus) -> None:
    resolve = f"digest resolve {found.edition.id}"
    say("  They were sent, but the server never answered. Settle them with one of:")
    say(f"    {resolve} --resend       some may arrive twice")
    say(f"    {resolve} --assume-sent  some may be missing")
    say(f"    {resolve} --assume-lost  the next edition has their posts")
    if found.waiting:
        get = "gets" if found.waiting == 1 else "get"
        say(f"  Until then {counted(found.waiting, 'subscriber')} {get} no edition.")
    print_table(
        ("subscriber", "address", "handed over (UTC)"),
        [
            (u.subscriber_id, u.address or "(erased)", f"{u.handing_at:%Y-%m-%d %H:%M:%S}")
            for u in found.unknown[:_MOST_UNKNOWN]
        ],
    )
    if len(found.unknown) > _MOST_UNKNOWN:
        more = found.accounting.unknown - _MOST_UNKNOWN
        say(f"and {more} more; --json lists up to a thousand.")


def _show_poll(poll: PollResults) -> None:
    say()
    say(f"Poll: {poll.question} ({counted(poll.total, 'answer')})")
    print_table(
        ("choice", "answers", "percent"),
        list(zip(poll.choices, poll.counts, poll.percents, strict=True)),
    )


def _data(found: EditionStatus) -> dict[str, object]:
    return {
        **edition_facts(found.edition),
        "deliveries": asdict(found.accounting),
        "is_closed": found.accounting.is_closed,
        "states": [asdict(state) for state in found.states],
        "reasons": [
            {"state": state.state, **asdict(reason)}
            for state in found.states
            for reason in state.reasons
        ],
        "relays": [asdict(relay) for relay in found.relays],
        "holds": [asdict(hold) for hold in found.holds],
        "workers": [asdict(worker) for worker in found.workers],
        "bounces": found.bounces,
        "hung": list(found.hung),
        "old_senders": [asdict(old) for old in found.old_senders],
        "unknown": [asdict(delivery) for delivery in found.unknown],
        "history": [asdict(entry) for entry in found.history],
        **asdict(found.sending),
        "waiting": found.waiting,
        "poll": _poll_data(found.poll) if found.poll else None,
    }


def _poll_data(poll: PollResults) -> dict[str, object]:
    rows = zip(poll.choices, poll.counts, poll.percents, strict=True)
    return {
        "question": poll.question,
        "total": poll.total,
        "choices": [
            {"label": label, "answers": count, "percent": percent} for label, count, percent in rows
        ],
    }


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
