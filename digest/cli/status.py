"""`digest status`: the state of editions and feeds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say, warn_without_category
from digest.cli.waiting import waiting_line
from digest.models import PollResults, StoredEdition, shown_state
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.status import (
        EditionStatus,
        FeedHealth,
        ListedEdition,
        SendingState,
        Status,
    )


#: What was reported about mails, for people.
_BOUNCES = {
    "complaint": "reported as spam",
    "hard-recipient": "no such mailbox",
    "soft-recipient": "mailbox full or not reachable",
    "message": "content or size refused",
    "sender-policy": "sender refused",
    "ambiguous": "failed without a reason",
    "none": "no failure",
    "unsubscribe": "asked to leave by mail",
}


def status(
    context: typer.Context,
    edition: Annotated[
        int | None, typer.Argument(metavar="EDITION", help="Edition ID. Default: all editions.")
    ] = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Show all editions and feeds, or one edition in detail.

    For one edition: its deliveries by state and reason, unknown deliveries, bounces and complaints,
    the answers to its poll, and its history.
    """
    newsroom = open_newsroom(context)
    if edition is None:
        _show_all(newsroom.status(newsletter), as_json=as_json)
    else:
        _show_one(newsroom.newsletter_with(edition).status(edition), as_json=as_json)


def _show_all(found: Status, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "editions": [
                    {
                        **_facts(each.edition),
                        **asdict(found.sending[each.edition.id]),
                        "deliveries": asdict(each.accounting),
                    }
                    for each in found.editions
                ],
                "feeds": [asdict(feed) for feed in found.feeds],
                "without_category": found.without_category,
                "waiting": [asdict(waiting) for waiting in found.waiting],
                "clock_problem": found.clock_problem,
            }
        )
        return
    if found.clock_problem:
        say(f"Nothing is sent: {found.clock_problem}.")
    if not found.editions:
        say("No edition yet. Run `digest collect`, then `digest compose`.")
    print_table(
        ("edition", "newsletter", "number", "due", "state", "mails", "deliveries"),
        [_edition_row(each) for each in found.editions],
    )
    for number, sending in found.sending.items():
        if sending.last_error:
            say(f"Edition {number}: {' '.join(_sending_lines(number, sending))}")
    for each in found.waiting:
        say(f"{waiting_line(each)}.")
    print_table(
        ("feed", "last read (UTC)", "failures", "last error"), [_feed_row(f) for f in found.feeds]
    )
    for name, count in found.without_category.items():
        warn_without_category(name, count)


def _show_one(found: EditionStatus, *, as_json: bool) -> None:
    edition = found.edition
    if as_json:
        print_json(
            {
                **_facts(edition),
                "deliveries": asdict(found.accounting),
                "is_closed": found.accounting.is_closed,
                "reasons": [asdict(reason) for reason in found.reasons],
                "unknown": [asdict(delivery) for delivery in found.unknown],
                "history": [asdict(entry) for entry in found.history],
                **asdict(found.sending),
                "waiting": found.waiting,
                "bounces": found.bounces,
                "poll": _poll_data(found.poll) if found.poll else None,
            }
        )
        return
    say(
        f"Edition {edition.id}, {edition.newsletter} No. {edition.number},"
        f" due {edition.hour}: {_state(edition)}."
    )
    for line in _sending_lines(edition.id, found.sending):
        say(line)
    print_table(
        ("state", "reason", "mails"),
        [(shown_state(r.state), r.reason or "-", r.count) for r in found.reasons],
    )
    if found.unknown:
        say("Unknown: sent, but the server never answered. Settle them with `digest resolve`.")
        if found.waiting:
            say(f"{counted(found.waiting, 'subscriber')} get no edition until then.")
        print_table(
            ("subscriber", "address", "handed over"),
            [
                (u.subscriber_id, u.address, f"{u.handing_at:%Y-%m-%d %H:%M:%S} UTC")
                for u in found.unknown
            ],
        )
    if found.bounces:
        print_table(
            ("came back", "subscribers"),
            [(_BOUNCES.get(name, name), count) for name, count in found.bounces.items()],
        )
    if found.poll:
        poll = found.poll
        say(f"Poll: {poll.question} ({counted(poll.total, 'answer')})")
        print_table(
            ("choice", "answers", "percent"),
            list(zip(poll.choices, poll.counts, poll.percents, strict=True)),
        )
    print_table(
        ("changed (UTC)", "by", "change", "details"),
        [(f"{e.at:%Y-%m-%d %H:%M:%S}", e.actor, e.action, e.detail or "-") for e in found.history],
    )


def _poll_data(poll: PollResults) -> dict[str, object]:
    rows = zip(poll.choices, poll.counts, poll.percents, strict=True)
    return {
        "question": poll.question,
        "total": poll.total,
        "choices": [
            {"label": label, "answers": count, "percent": percent} for label, count, percent in rows
        ],
    }


def _sending_lines(number: int, sending: SendingState) -> list[str]:
    lines = [f"Last error: {sending.last_error}."] if sending.last_error else []
    if sending.next_try:
        now = f", or now with `digest send {number}`" if sending.can_try_now else ""
        lines.append(f"Next try: {sending.next_try:%Y-%m-%d %H:%M} UTC{now}.")
    return lines


def _facts(edition: StoredEdition) -> dict[str, object]:
    facts = asdict(edition)
    del facts["snapshot"]
    return facts


def _edition_row(listed: ListedEdition) -> tuple[object, ...]:
    edition, account = listed.edition, listed.accounting
    return (
        edition.id,
        edition.newsletter,
        edition.number,
        edition.hour,
        _state(edition),
        account.frozen,
        ", ".join(f"{count} {state}" for state, count in account.shown) or "-",
    )


def _state(edition: StoredEdition) -> str:
    return edition.state + (f" ({edition.paused_reason})" if edition.paused_reason else "")


def _feed_row(feed: FeedHealth) -> tuple[object, ...]:
    read_at = f"{feed.read_at:%Y-%m-%d %H:%M}" if feed.read_at else "never"
    return feed.url, read_at, feed.failures, feed.last_error
