"""`digest subscribers`: people, brought in, looked up, taken out."""

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
from digest.errors import ExitCode

if TYPE_CHECKING:
    from digest.newsroom.people.enrol import ImportReport

app = typer.Typer(help="People and their subscriptions.", no_args_is_help=True)

AddressText = Annotated[str, typer.Argument(metavar="ADDRESS", help="The mail address.")]
ConsentText = Annotated[
    str,
    typer.Option(
        "--consent",
        help="What people agreed to, or where that is kept. Without it they stay pending"
        " and get no mail.",
    ),
]


@app.command("import")
def import_people(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a heading row; `email` is enough.")],
    newsletter: NewsletterName = "",
    consent: ConsentText = "",
    seen: Annotated[
        str,
        typer.Option(help="`now`: they get what comes after; `all`: all that is stored."),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Bring in people from a CSV file; a bad row never stops the others.

    People who left, bounced or complained are never subscribed again.
    """
    people = open_newsroom(context).people
    with file.open("rb") as stream:
        report = people.import_file(
            stream, newsletter, consent=consent, seen=seen, by=terminal_user()
        )
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
        list[str] | None, typer.Option(help="Only this category; may be repeated.")
    ] = None,
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Add one person."""
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
        say(f"{outcome}{'' if consent else '; pending: no mail without --consent'}.")


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; standard output by default.")
    ] = None,
    newsletter: NewsletterName = "",
    raw: Annotated[
        bool, typer.Option("--raw", help="Do not guard cells against spreadsheet formulas.")
    ] = False,
) -> None:
    """Write everybody of a newsletter, in any state, as CSV."""

    def open_file() -> AbstractContextManager[TextIO]:
        if file is None:
            return nullcontext(sys.stdout)
        return file.open("w", encoding="utf-8", newline="")

    count = open_newsroom(context).people.export(newsletter, open_file, raw=raw)
    if file is not None:
        say(f"{file}: {count} people.")


@app.command("show")
def show(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Show all that is kept of a person (GDPR Article 15)."""
    record = open_newsroom(context).people.show(address)
    person, subscriptions = record.person, record.subscriptions
    if as_json:
        print_json({**asdict(person), "subscriptions": [asdict(s) for s in subscriptions]})
        return
    suppressed = f"; suppressed: {', '.join(person.suppressed)}" if person.suppressed else ""
    say(f"{person.address}, known since {person.created_at:%Y-%m-%d}{suppressed}")
    print_table(
        ("newsletter", "state", "categories", "since"),
        [
            (s.newsletter, s.state, _shown(s.preferences.categories), f"{s.joined_at:%Y-%m-%d}")
            for s in subscriptions
        ],
    )


@app.command("leave")
def unsubscribe(
    context: typer.Context,
    address: AddressText,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """End one person's subscription to a newsletter, at their wish."""
    has_left = open_newsroom(context).people.leave(address, newsletter, by=terminal_user())
    _show_change(has_left, "left", "had no such subscription", as_json=as_json)


@app.command("suppress")
def suppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Never mail an address again, whatever is imported."""
    open_newsroom(context).people.suppress(address, by=terminal_user())
    _show_change(True, "suppressed", "", as_json=as_json)


@app.command("unsuppress")
def unsuppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Let mail to an address pass again."""
    is_freed = open_newsroom(context).people.unsuppress(address, by=terminal_user())
    _show_change(is_freed, "may be mailed again", "was not suppressed", as_json=as_json)


@app.command("erase")
def erase(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Forget a person; only a keyed hash stays, so that no import mails them (GDPR Article 17)."""
    was_known = open_newsroom(context).people.erase(address, by=terminal_user())
    _show_change(was_known, "erased", "was not known; suppressed all the same", as_json=as_json)


def _show_report(file: Path, report: ImportReport, consent: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items() if count)
    say(f"{file}: {counts or 'no rows'}.")
    if not consent and report.added:
        say("The added people are pending and get no mail: no --consent was given.")
    print_table(
        ("line", "address", "column", "why"),
        [(row.line, row.address, row.column, row.reason) for row in report.refused],
    )


def _show_change(is_changed: bool, done: str, otherwise: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"is_changed": is_changed})
    else:
        say(f"{done if is_changed else otherwise}.".capitalize())


def _shown(categories: tuple[str, ...]) -> str:
    return ", ".join(categories) or "all"
