"""`digest restore`: puts a backup back, and lets a database send again that was put back."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
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
    from digest.newsroom.restore import Restored


class Seen(StrEnum):
    """The posts that subscribers are taken to have seen."""

    NOW = "now"
    KEEP = "keep"


def restore(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Backup to restore.", show_default=False)
    ] = None,
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
    """Restore a backup; let a copied database send again.

    With FILE: the backup takes the place of the database, which is kept under another name. Stop
    all processes first. Subscribers who left since the backup stay away.

    With --adopt: slots whose mail may have left are recorded as missed, and their drafts
    cancelled. Editions that were being sent are paused. Run it once after a restore, and after
    moving to a new machine.
    """
    if file is not None and adopt:
        raise UsageError("give FILE or --adopt; look at the restored database before --adopt")
    if file is not None:
        _restore(context, file, as_json=as_json)
        return
    if not adopt:
        raise UsageError("give FILE to restore a backup, or --adopt with --seen now|keep")
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


def _restore(context: typer.Context, file: Path, *, as_json: bool) -> None:
    done = open_newsroom(context).restore(file, by=terminal_user())
    if as_json:
        print_json(asdict(done))
        return
    schema = f"schema {done.before}" + (f", upgraded to {done.now}" * (done.before != done.now))
    people, editions = done.counts.get("people", 0), done.counts.get("editions", 0)
    say(
        f"{done.database}: restored from {file}"
        f" ({counted(people, 'person', 'people')}, {counted(editions, 'edition')}; {schema})."
    )
    if done.kept is not None:
        say(f"The replaced database is {done.kept}.")
    _show_carried(done)
    say(
        "Nothing is sent until you run `digest restore --adopt --seen now` (or keep: what was"
        " mailed since the backup may come again)."
    )


def _show_carried(done: Restored) -> None:
    carried = done.carried
    if done.unreadable:
        say(
            f"The replaced database could not be read ({done.unreadable}): subscribers who left,"
            " complained or were erased since the backup are subscribed again. Suppress those you"
            " know with `digest subscribers suppress` before you adopt it."
        )
    elif done.kept is not None:
        say(
            f"Taken over from it: {carried.left} left, {carried.complained} complained,"
            f" {carried.suppressed} suppressed, {carried.erased} erased. Sign-ups and choices made"
            " since the backup are only in that file."
        )
    else:
        say(
            "There was no database to replace: subscribers who left since the backup are"
            " subscribed again."
        )
    if done.from_journal:
        say(f"Applied from the journal: {counted(done.from_journal, 'unsubscribe')}.")


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
    if done.dropped:
        say(f"Notes that may have been mailed are dropped: {done.dropped}.")
    if done.moved:
        say(f"Windows moved to the newest post: {counted(done.moved, 'subscription')}.")
    if not done.had_file:
        say("There was no readable state file, so every slot up to now counts as sent.")
    say(f"{done.database}: adopted; state file {done.state_file}.")
