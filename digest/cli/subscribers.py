"""`digest subscribers`: imports, adds, shows and removes subscribers."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say, say_problem
from digest.errors import ExitCode, UsageError
from digest.text.counted import counted
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.newsroom.people.enrol import ImportReport, RowResult

app = typer.Typer(help="Manage subscribers and their subscriptions.", no_args_is_help=True)

#: Refused rows on the terminal; `--report` and `--json` have more.
MAX_SHOWN = 20

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
SourceText = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="NAME",
        help="Where new subscribers come from, such as `spring fair`; for the plan and segments.",
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
        if report_file.exists() and report_file.samefile(file):
            raise UsageError(f"--report {report_file}: must be another file than the imported one")
        open_rows = partial(report_file.open, "w", encoding="utf-8", newline="")
    with file.open("rb") as stream:
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
    source: SourceText = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Value of a field, such as plan=pro. Repeatable."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add one subscriber."""
    outcome = open_newsroom(context).people.add(
        address,
        newsletter,
        consent=consent,
        name=name,
        categories=category or (),
        source=source,
        fields=dict(_split_value(each) for each in field or ()),
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


@app.command("form")
def form(
    context: typer.Context,
    newsletter: NewsletterName = "",
    source: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Name of the form, stored with each subscriber who signs up by it.",
        ),
    ] = "",
    language: Annotated[
        str,
        typer.Option(metavar="TAG", help="Language of its words. Default: the newsletter's."),
    ] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An editable field to ask for. May be repeated."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print a sign-up form in HTML to paste into another site.

    It works without a script. Its last lines, a comment, show how a program signs people up
    instead. Everybody who signs up gets a mail that asks for a confirmation.
    """
    written = open_newsroom(context).people.write_form(
        newsletter, source=source, language=language, fields=field or ()
    )
    if as_json:
        print_json(asdict(written))
        return
    sent = json.dumps(written.example, ensure_ascii=False)
    comment = (
        "<!-- For a program on a server, or in a browser on any site: the answer is 202.",
        f"     curl -H 'Content-Type: application/json' -d '{sent}' {written.api_url} -->",
    )
    for line in (*written.html.splitlines(), *comment):
        say(line)


@app.command("show")
def show(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Show all data of one subscriber (GDPR Article 15)."""
    record = open_newsroom(context).people.show(address)
    person, subscriptions = record.person, record.subscriptions
    if as_json:
        print_json(record.data)
        return
    suppressed = f"; suppressed: {', '.join(person.suppressed)}" if person.suppressed else ""
    say(f"{person.address}, stored since {person.created_at:%Y-%m-%d}{suppressed}")
    for name, value in record.fields.items():
        say(f"{name}: {value}")
    print_table(
        ("newsletter", "state", "categories", "joined", "source", "left", "reason"),
        [
            (
                s.newsletter,
                s.state,
                _shown(s.preferences.categories),
                f"{s.joined_at:%Y-%m-%d}" if s.is_joined_known else "-",
                s.source or "-",
                f"{s.left_at:%Y-%m-%d}" if s.left_at else "-",
                s.left_reason or "-",
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


@app.command("fields")
def list_fields(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List the fields of subscribers, with the number who have each.

    The configuration defines them, in its tables `fields`.
    """
    found = open_newsroom(context).people.list_fields()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    if not found:
        say("No fields. Define them in [[fields]] of the configuration.")
    print_table(
        ("name", "label", "kind", "subscribers", "values"),
        [
            (
                each.name,
                each.label,
                each.kind if each.is_configured else "no longer in [[fields]]",
                each.people,
                ", ".join(f"{value} {count}" for value, count in each.by_choice.items()) or "-",
            )
            for each in found
        ],
    )


@app.command("set")
def set_fields(
    context: typer.Context,
    address: AddressText,
    values: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE", help="Field and value; `NAME=` removes the value."),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Set fields of one subscriber, such as plan=pro."""
    written = dict(_split_value(each) for each in values)
    is_changed = open_newsroom(context).people.set_fields(address, written, by=terminal_user())
    _show_change(is_changed, "set", "nothing changed", as_json=as_json)


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


@app.command("reasons")
def reasons(
    context: typer.Context, newsletter: NewsletterName = "", as_json: JsonFlag = False
) -> None:
    """Show why subscribers have left, by their own account."""
    given = open_newsroom(context).people.reasons(newsletter)
    if as_json:
        print_json([asdict(each) for each in given])
        return
    if not given:
        say("No subscriber has given a reason.")
    print_table(("reason", "subscribers"), Counter(each.reason for each in given).most_common())
    print_table(
        ("left", "reason", "in their words"),
        [(f"{each.left_at:%Y-%m-%d}", each.reason, each.words) for each in given if each.words],
    )


@app.command("suppress")
def suppress_address(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Mail address; or use --file.")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="List of addresses, one a line, or a CSV with `email`."
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
        _show_change(True, "suppressed", "", as_json=as_json)
        return

    def report(row: RowResult) -> None:
        say_problem(f"{file}, line {row.line}: {row.address}: {row.reason}")

    with file.open("rb") as stream:
        try:
            counts = people.suppress_file(stream, on_refused=report, by=terminal_user())
        except SubscriberError as error:
            raise UsageError(f"{file}: {error}") from error
    if as_json:
        print_json({"counts": counts})
    else:
        say(f"{file}: {_joined(counts.items())}.")
    if counts["refused"]:
        raise typer.Exit(ExitCode.PROBLEMS)


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


def _split_value(choice: str) -> tuple[str, str]:
    name, mark, value = choice.partition("=")
    if not mark or not name.strip():
        raise UsageError(f"{choice!r}: must be NAME=VALUE, such as plan=pro")
    return name.strip(), value


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
    say(f"{file}: {_joined(report.counts.items())}.{dry_run}")
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


def _joined(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts if count) or "0 rows"


def _show_change(is_changed: bool, done: str, otherwise: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"is_changed": is_changed})
    else:
        say(f"{done if is_changed else otherwise}.".capitalize())


def _shown(categories: tuple[str, ...]) -> str:
    return ", ".join(categories) or "all"
