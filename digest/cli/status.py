"""`digest status`: the state of editions and feeds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say, warn_without_category
from digest.cli.status_edition import edition_facts, sending_lines, show_edition, state_of
from digest.cli.waiting import waiting_line
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.status import FeedHealth, ListedEdition, Status


def status(
    context: typer.Context,
    edition: Annotated[
        int | None, typer.Argument(metavar="EDITION", help="Edition ID. Default: all editions.")
    ] = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Show all editions and feeds, or one edition in detail.

    For one edition: its mails by state and reason, what the mail servers said, the next try, why
    it waits and what ends that, unknown mails and how to settle them, bounces and complaints, the
    answers to its poll, and its history.
    """
    newsroom = open_newsroom(context)
    if edition is None:
        _show_all(newsroom.status(newsletter), as_json=as_json)
    else:
        show_edition(newsroom.newsletter_with(edition).status(edition), as_json=as_json)


def _show_all(found: Status, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "editions": [
                    {
                        **edition_facts(each.edition),
                        **asdict(found.sending[each.edition.id]),
                        "deliveries": asdict(each.accounting),
                    }
                    for each in found.editions
                ],
                "feeds": [asdict(feed) for feed in found.feeds],
                "without_category": found.without_category,
                "waiting": [asdict(waiting) for waiting in found.waiting],
                "clock_problem": found.clock_problem,
                "webhooks": [asdict(webhook) for webhook in found.webhooks],
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
            say(f"Edition {number}: {' '.join(sending_lines(number, sending))}")
    for each in found.waiting:
        say(f"{waiting_line(each)}.")
    print_table(
        ("feed", "last read (UTC)", "failures", "last error"), [_feed_row(f) for f in found.feeds]
    )
    for webhook in found.webhooks:
        if webhook.health and webhook.is_failing:
            waiting = counted(webhook.health.waiting, "event")
            say(f"Webhook at {webhook.host}: {webhook.health.last_error}; {waiting} waiting.")
    for name, count in found.without_category.items():
        warn_without_category(name, count)


def _edition_row(listed: ListedEdition) -> tuple[object, ...]:
    edition, account = listed.edition, listed.accounting
    return (
        edition.id,
        edition.newsletter,
        edition.number,
        edition.hour,
        state_of(edition),
        account.frozen,
        ", ".join(f"{count} {state}" for state, count in account.shown) or "-",
    )


def _feed_row(feed: FeedHealth) -> tuple[object, ...]:
    read_at = f"{feed.read_at:%Y-%m-%d %H:%M}" if feed.read_at else "never"
    return feed.url, read_at, feed.failures, feed.last_error
