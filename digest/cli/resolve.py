"""`digest resolve`: settles the deliveries that a crash left unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say
from digest.errors import UsageError
from digest.models import EditionState, Resolution
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.resolve import Resolved


def resolve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    resend: Annotated[
        bool, typer.Option("--resend", help="Send them again. Some may arrive twice.")
    ] = False,
    assume_sent: Annotated[
        bool, typer.Option("--assume-sent", help="Count them as sent. Some may be missing.")
    ] = False,
    assume_lost: Annotated[
        bool,
        typer.Option("--assume-lost", help="Count them as failed. The next edition has the posts."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Settle the unknown deliveries of an edition.

    An unknown delivery was sent, but the server never answered. Use --resend, --assume-sent or
    --assume-lost.

    Exit codes: 3 if there are no unknown deliveries, 4 if they should be sent again but the edition
    was cancelled.
    """
    wanted = {
        Resolution.RESEND: resend,
        Resolution.ASSUME_SENT: assume_sent,
        Resolution.ASSUME_LOST: assume_lost,
    }
    chosen = [how for how, is_wanted in wanted.items() if is_wanted]
    if len(chosen) != 1:
        raise UsageError("give one of --resend, --assume-sent and --assume-lost")
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    resolved = desk.resolve(edition, chosen[0], by=terminal_user())
    if as_json:
        print_json(
            {
                "edition": resolved.edition_id,
                "resolved": resolved.count,
                "resend": resend,
                "how": chosen[0].name.lower(),
                "state": resolved.state,
                "waited": resolved.waited,
                "uncovered": resolved.uncovered,
            }
        )
    else:
        _show(resolved, chosen[0])


def _show(resolved: Resolved, how: Resolution) -> None:
    mails, number = counted(resolved.count, "mail"), resolved.edition_id
    match how:
        case Resolution.RESEND:
            resume = (
                f"`digest resume {number}`, then " if resolved.state is EditionState.PAUSED else ""
            )
            say(
                f"{mails} will be sent again with the same Message-ID and content:"
                f" run {resume}`digest send {number}`, or let `digest run` do it."
            )
        case Resolution.ASSUME_SENT:
            say(f"{mails} counted as sent; the next edition begins after their posts.")
        case Resolution.ASSUME_LOST:
            say(f"{mails} counted as failed; the next edition has their posts.")
            if resolved.uncovered:
                say(
                    f"Not for {counted(resolved.uncovered, 'subscriber')} with a later edition:"
                    " no edition will have these posts for them."
                )
    if resolved.waited:
        gets = "gets" if resolved.waited == 1 else "get"
        say(f"{counted(resolved.waited, 'subscriber')} who waited for this {gets} editions again.")
    say(f"Edition {number} is {resolved.state}.")
