"""`digest subscribers leave`, `suppress`, `unsuppress` and `erase`: the end of mail to a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.files import name_of_input, open_input
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, say, say_problem
from digest.cli.subscribers.shared import (
    AddressText,
    joined,
    show_change,
)
from digest.errors import ExitCode, UsageError
from subscribers.csvfile import MAX_BYTES
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from digest.newsroom.people.enrol import RowResult


def unsubscribe(
    context: typer.Context,
    address: AddressText,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """End a subscription because the subscriber asked for it."""
    has_left = open_newsroom(context).people.leave(address, newsletter, by=terminal_user())
    show_change(has_left, "left", "not subscribed to this newsletter", as_json=as_json)


def suppress_address(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Mail address; or use --file.")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="List of addresses, one a line, or a CSV with `email`. `-`: standard input.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Never mail an address again, even if it is imported.

    With --file, a row that cannot be read is reported and skipped.

    Exit codes: 1 if a row was skipped, 2 if the file cannot be read.
    """
    if bool(address) == (file is not None):
        raise UsageError("subscribers suppress: give either an address or --file FILE")
    people = open_newsroom(context).people
    if file is None:
        people.suppress(address, by=terminal_user())
        show_change(True, "suppressed", "", as_json=as_json)
        return

    name = name_of_input(file)

    def report(row: RowResult) -> None:
        say_problem(f"{name}, line {row.line}: {row.address}: {row.reason}")

    with open_input(file, most=MAX_BYTES) as stream:
        try:
            counts = people.suppress_file(stream, on_refused=report, by=terminal_user())
        except SubscriberError as error:
            raise UsageError(f"{name}: {error}") from error
    if as_json:
        print_json({"counts": counts})
    else:
        say(f"{name}: {joined(counts.items())}.")
    if counts["refused"]:
        raise typer.Exit(ExitCode.PROBLEMS)


def unsuppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Allow mail to a suppressed address again."""
    is_freed = open_newsroom(context).people.unsuppress(address, by=terminal_user())
    show_change(is_freed, "may be mailed again", "was not suppressed", as_json=as_json)


def erase(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Delete all data of one subscriber (GDPR Article 17).

    Only a keyed hash of the address stays, so that an import cannot subscribe it again.
    """
    was_known = open_newsroom(context).people.erase(address, by=terminal_user())
    show_change(was_known, "erased", "was not stored; suppressed anyway", as_json=as_json)
