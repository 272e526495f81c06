"""`digest subscribers`: imports, adds, shows and removes subscribers."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode, UsageError
from digest.text.counted import counted
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from digest.newsroom.people.enrol import ImportReport

app = typer.Typer(help="Manage subscribers and their subscriptions.", no_args_is_help=True)

AddressText = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="Mail address of the subscriber.")
]
ConsentText = Annotated[
    str,
    typer.Option(
        "--consent",
        metavar="TEXT",
        help="Record of the consent, or where it is kept. Without it the subscription"
        " stays pending and gets no mail.",
    ),
]


@app.command("import")
def import_people(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with a header row; only `email` is needed.")
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
            " `bounced`, `categories`, `joined` … Repeatable.",
        ),
    ] = None,
    ignore_column: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADING", help="Do not read this column. Repeatable."),
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
    with file.open("rb") as stream:
        try:
            report = people.import_file(
                stream,
                newsletter,
                consent=consent,
                seen=seen,
                columns=columns,
                ignored=ignore_column or (),
                by=terminal_user(),
            )
        except SubscriberError as error:
            raise UsageError(f"{file}: {error}") from error
    _show_report(file, report, consent, as_json=as_json)
    if report.refused:
        raise typer.Exit(ExitCode.PROBLEMS)


@app.command("add")
def add(
    context: typer.Context,
    address: AddressText,
    newsletter: NewsletterName = "",
    consent: ConsentText = "",
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this category. Repeatable."),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the subscriber.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Add one subscriber."""
    outcome = open_newsroom(context).people.add(
        address,
        newsletter,
        consent=consent,
        name=name,
        categories=category or (),
        by=terminal_user(),
    )
    if as_json:
        print_json({"outcome": outcome, "is_confirmed": bool(consent)})
    else:
        pending = "" if consent else "; stays pending and gets no mail without --consent"
        say(f"{outcome.capitalize()}{pending}.")


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Output file. Default: standard output."),
    ] = None,
    newsletter: NewsletterName = "",
    raw: Annotated[bool, typer.Option("--raw", help="Do not escape spreadsheet formulas.")] = False,
) -> None:
    """Write all subscribers of a newsletter, in any state, as CSV."""

    def open_file() -> AbstractContextManager[TextIO]:
        if file is None:
            return nullcontext(sys.stdout)
        return file.open("w", encoding="utf-8", newline="")

    count = open_newsroom(context).people.export(newsletter, open_file, raw=raw)
    if file is not None:
        say(f"{file}: {counted(count, 'subscriber')}.")


@app.command("show")
def show(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Show all data of one subscriber (GDPR Article 15)."""
    record = open_newsroom(context).people.show(address)
    person, subscriptions = record.person, record.subscriptions
    if as_json:
        print_json(
            {
                **asdict(person),
                "subscriptions": [asdict(s) for s in subscriptions],
                "bounces": [asdict(bounce) for bounce in record.bounces],
            }
        )
        return
    suppressed = f"; suppressed: {', '.join(person.suppressed)}" if person.suppressed else ""
    say(f"{person.address}, stored since {person.created_at:%Y-%m-%d}{suppressed}")
    print_table(
        ("newsletter", "state", "categories", "joined"),
        [
            (
                s.newsletter,
                s.state,
                _shown(s.preferences.categories),
                f"{s.joined_at:%Y-%m-%d}" if s.is_joined_known else "-",
            )
            for s in subscriptions
        ],
    )
    if record.bounces:
        print_table(
            ("edition", "bounce", "result", "read", "words of the mail server"),
            [
                (
                    bounce.edition_id,
                    bounce.bounce_class,
                    bounce.outcome,
                    f"{bounce.at:%Y-%m-%d}",
                    " ".join(bounce.words.split())[:100] or "-",
                )
                for bounce in record.bounces
            ],
        )


@app.command("leave")
def unsubscribe(
    context: typer.Context,
    address: AddressText,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """End a subscription because the subscriber asked for it."""
    has_left = open_newsroom(context).people.leave(address, newsletter, by=terminal_user())
    _show_change(has_left, "left", "not subscribed to this newsletter", as_json=as_json)


@app.command("suppress")
def suppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Never mail an address again, even if it is imported."""
    open_newsroom(context).people.suppress(address, by=terminal_user())
    _show_change(True, "suppressed", "", as_json=as_json)


@app.command("unsuppress")
def unsuppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Allow mail to a suppressed address again."""
    is_freed = open_newsroom(context).people.unsuppress(address, by=terminal_user())
    _show_change(is_freed, "may be mailed again", "was not suppressed", as_json=as_json)


@app.command("erase")
def erase(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Delete all data of one subscriber (GDPR Article 17).

    Only a keyed hash of the address stays, so that an import cannot subscribe it again.
    """
    was_known = open_newsroom(context).people.erase(address, by=terminal_user())
    _show_change(was_known, "erased", "was not stored; suppressed anyway", as_json=as_json)


def _split_choice(choice: str) -> tuple[str, str]:
    heading, mark, name = choice.rpartition("=")
    if not mark or not heading.strip():
        raise UsageError(f"--column {choice!r}: must be HEADING=NAME, such as 'Opt-out=left'")
    return heading.strip(), name.strip().lower()


def _show_report(file: Path, report: ImportReport, consent: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items() if count)
    say(f"{file}: {counts or '0 rows'}.")
    ended = [f"{count} {state}" for state, count in report.states.items() if state != "confirmed"]
    if ended:
        say(f"Not subscribed, by the file: {', '.join(ended)}.")
    if report.unread:
        say(f"Columns not read: {', '.join(report.unread)}.")
    for warning in report.warnings:
        say(f"Warning: {warning}.")
    if not consent and report.added:
        say("The added subscribers are pending and get no mail: --consent was not given.")
    print_table(
        ("line", "address", "column", "reason"),
        [(row.line, row.address, row.column, row.reason) for row in report.refused],
    )


def _show_change(is_changed: bool, done: str, otherwise: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"is_changed": is_changed})
    else:
        say(f"{done if is_changed else otherwise}.".capitalize())


def _shown(categories: tuple[str, ...]) -> str:
    return ", ".join(categories) or "all"
