"""`digest restore`: lets a database that was put back or copied send again."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.errors import UsageError
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.adopt import Adoption


class Seen(StrEnum):
    """The posts that subscribers are taken to have seen."""

    NOW = "now"
    KEEP = "keep"


def restore(
    context: typer.Context,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Use the configured database as it is.")
    ] = False,
    seen: Annotated[
        Seen | None,
        typer.Option(
            metavar="now|keep",
            help="now: the next mail has only posts that are not stored yet. keep: posts mailed"
            " since the copy was made may come again.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a restored or copied database send again.

    Slots whose mail may have left are recorded as missed, and their drafts cancelled. Editions
    that were being sent are paused. Run it once, also after moving to a new machine.
    """
    if not adopt:
        raise UsageError("give --adopt, with --seen now or --seen keep")
    if seen is None:
        raise UsageError(
            "give --seen now (the next mail has only posts that are not stored yet)"
            " or --seen keep (posts mailed since the copy was made may come again)"
        )
    done = open_newsroom(context).adopt(seen_now=seen is Seen.NOW, by=terminal_user())
    if as_json:
        print_json(asdict(done))
    else:
        _show(done)


def _show(done: Adoption) -> None:
    print_table(
        ("newsletter", "slot", "state", "draft"),
        [
            (
                f"{slot.newsletter} ({slot.cadence})",
                slot.local_at.replace("T", " "),
                "missed (restored)",
                f"{slot.edition_id} cancelled" if slot.edition_id else "-",
            )
            for slot in done.slots
        ],
    )
    for edition in done.paused:
        say(
            f"Edition {edition} was being sent and is paused: `digest resume {edition}` sends its"
            f" open mails, some perhaps again; `digest cancel {edition}` does not."
        )
    if done.moved:
        say(f"Windows moved to the newest post: {counted(done.moved, 'subscription')}.")
    if not done.had_file:
        say("There was no readable state file, so every slot up to now counts as sent.")
    say(f"{done.database}: adopted; state file {done.state_file}.")
