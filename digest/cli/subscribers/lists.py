"""`digest subscribers import` and `export`: whole lists as CSV."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.files import (
    is_output,
    is_standard,
    name_of_input,
    open_input,
    open_private,
    refuse_output,
)
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.cli.subscribers.shared import (
    ConsentText,
    SourceText,
    joined,
)
from digest.errors import ExitCode, UsageError
from digest.text.counted import counted
from subscribers.csvfile import MAX_BYTES
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from digest.newsroom.people.enrol import ImportReport

#: Refused rows on the terminal; `--report` and `--json` have more.
MAX_SHOWN = 20


def import_people(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with a header row; only `email` is needed. `-`: standard input.",
        ),
    ],
    newsletter: NewsletterName = "",
    consent: ConsentText = "",
    seen: Annotated[
        str,
        typer.Option(
            metavar="now|all",
            help="`now`: only posts stored from now on; `all`: also the posts stored before.",
        ),
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HEADING=NAME",
            help="Meaning of a column: `email`, `name`, `state`, `left` (yes: has left),"
            " `bounced`, `categories`, `joined`, `field:plan` … Repeatable.",
        ),
    ] = None,
    ignore_column: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADING", help="Do not read this column. Repeatable."),
    ] = None,
    source: SourceText = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be done; store nothing.")
    ] = False,
    report_file: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write line, outcome and reason of each row as CSV."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Import subscribers from a CSV file.

    Reads the exports of other services: headings and states in English, German, French, Spanish
    and Arabic. A row with an error is reported and skipped. People who left, bounced or
    complained are never subscribed again. A column that may say who has left, and whose meaning
    is not certain, stops the import before anything is stored: name it with --column or leave it
    out with --ignore-column.

    Exit codes: 1 if a row was skipped because of an error, 2 if the file cannot be read or a
    column must be named.
    """
    people = open_newsroom(context).people
    columns = dict(_split_choice(each) for each in column or ())

    open_rows = None
    if report_file is not None:
        if not is_standard(file) and report_file.exists() and report_file.samefile(file):
            raise UsageError(f"--report {report_file}: must be another file than the imported one")
        refuse_output(report_file, "standard output has the summary of the import")
        open_rows = partial(open_private, report_file)
    with open_input(file, most=MAX_BYTES) as stream:
        try:
            report = people.import_file(
                stream,
                newsletter,
                consent=consent,
                seen=seen,
                columns=columns,
                ignored=ignore_column or (),
                source=source,
                open_rows=open_rows,
                is_dry_run=dry_run,
                by=terminal_user(),
            )
        except SubscriberError as error:
            raise UsageError(f"{name_of_input(file)}: {error}") from error
    _show_report(file, report, consent, as_json=as_json)
    if report.refused:
        raise typer.Exit(ExitCode.PROBLEMS)


def export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Output file. Default, or `-`: standard output."),
    ] = None,
    newsletter: NewsletterName = "",
    raw: Annotated[bool, typer.Option("--raw", help="Do not escape spreadsheet formulas.")] = False,
) -> None:
    """Write all subscribers of a newsletter, in any state, as CSV.

    A new file can be read only by its owner.
    """
    people = open_newsroom(context).people
    count = people.export(newsletter, partial(open_private, file), raw=raw)
    if not is_output(file):
        say(f"{file}: {counted(count, 'subscriber')}.")


def _split_choice(choice: str) -> tuple[str, str]:
    heading, mark, name = choice.rpartition("=")
    if not mark or not heading.strip():
        raise UsageError(f"--column {choice!r}: must be HEADING=NAME, such as 'Opt-out=left'")
    return heading.strip(), name.strip().lower()


def _show_report(file: Path, report: ImportReport, consent: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    dry_run = " Nothing was stored: --dry-run was given." if report.is_dry_run else ""
    say(f"{name_of_input(file)}: {joined(report.counts.items())}.{dry_run}")
    ended = [f"{count} {state}" for state, count in report.states.items() if state != "confirmed"]
    if ended:
        say(f"Not subscribed, by the file: {', '.join(ended)}.")
    if report.unread:
        say(f"Columns not read: {', '.join(report.unread)}.")
    for warning in report.warnings:
        say(f"Warning: {warning}.")
    if not consent and report.added:
        say("The added subscribers are pending and get no mail: --consent was not given.")
    if report.refused:
        by_column = [f"{count} for {column}" for column, count in report.refused_by.items()]
        say(f"Refused: {', '.join(by_column)}.")
    listed = report.refused[:MAX_SHOWN]
    print_table(
        ("line", "address", "column", "reason"),
        [(row.line, row.address, row.column, row.reason) for row in listed],
    )
    if more := sum(report.refused_by.values()) - len(listed):
        say(f"And {counted(more, 'more refused row')}; --report FILE lists all of them.")
