"""`digest status`: the state of editions and feeds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.models import StoredEdition, shown_state

if TYPE_CHECKING:
    from digest.newsroom.status import (
        EditionStatus,
        FeedHealth,
        ListedEdition,
        Status,
    )


def status(
    context: typer.Context,
    edition: Annotated[
        int | None, typer.Argument(metavar="EDITION", help="Edition ID. Default: all editions.")
    ] = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Show all editions and feeds, or one edition in detail.

    For one edition: its deliveries by state and reason, unknown deliveries, and its history.
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
                    {**_facts(each.edition), "deliveries": asdict(each.accounting)}
                    for each in found.editions
                ],
                "feeds": [asdict(feed) for feed in found.feeds],
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
    print_table(
        ("feed", "last read (UTC)", "failures", "last error"), [_feed_row(f) for f in found.feeds]
    )


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
            }
        )
        return
    say(
        f"Edition {edition.id}, {edition.newsletter} No. {edition.number},"
        f" due {edition.local_at.replace('T', ' ')}: {_state(edition)}."
    )
    print_table(
        ("state", "reason", "mails"),
        [(shown_state(r.state), r.reason or "-", r.count) for r in found.reasons],
    )
    if found.unknown:
        say("Unknown: sent, but the server never answered. Settle them with `digest resolve`.")
        print_table(
            ("subscriber", "address", "handed over"),
            [
                (u.subscriber_id, u.address, f"{u.handing_at:%Y-%m-%d %H:%M:%S} UTC")
                for u in found.unknown
            ],
        )
    print_table(
        ("changed (UTC)", "by", "change", "details"),
        [(f"{e.at:%Y-%m-%d %H:%M:%S}", e.actor, e.action, e.detail or "-") for e in found.history],
    )


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
        edition.local_at.replace("T", " "),
        _state(edition),
        account.frozen,
        ", ".join(f"{count} {state}" for state, count in account.shown) or "-",
    )


def _state(edition: StoredEdition) -> str:
    return edition.state + (f" ({edition.paused_reason})" if edition.paused_reason else "")


def _feed_row(feed: FeedHealth) -> tuple[object, ...]:
    read_at = f"{feed.read_at:%Y-%m-%d %H:%M}" if feed.read_at else "never"
    return feed.url, read_at, feed.failures, feed.last_error
