"""`digest subscribers`: people, brought in, looked up, taken out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.cli.options import JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, print_table, say
from digest.config import NewsletterConfig
from digest.errors import ExitCode, NothingToDo, UsageError
from digest.store import posts
from subscribers.addresses import Address, parse_address
from subscribers.erasing import erase_person
from subscribers.exporting import export_csv
from subscribers.importing import (
    ImportReport,
    RowOutcome,
    apply_row,
    import_file,
    summarise,
)
from subscribers.merging import ImportOptions
from subscribers.people import find_person, leave, list_subscriptions
from subscribers.preferences import Preferences
from subscribers.rows import SubscriberRow
from subscribers.suppression import SuppressionReason, suppress, unsuppress

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
    digest = App.load(config_path(context))
    options = _options(digest, digest.newsletter(newsletter), consent, seen, how="import")
    with file.open("rb") as stream:
        report = summarise(import_file(digest.database.write, stream, options))
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
    digest = App.load(config_path(context))
    chosen = digest.newsletter(newsletter)
    categories = _known_categories(chosen, category or [])
    row = SubscriberRow(
        address=_address(digest, address),
        name=name,
        preferences=Preferences(categories=categories),
    )
    with digest.database.write() as connection:
        outcome = apply_row(connection, row, _options(digest, chosen, consent, "", how="manual"))
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
    digest = App.load(config_path(context))
    name = digest.newsletter(newsletter).name
    with digest.database.read() as connection:
        if file is None:
            export_csv(connection, name, sys.stdout, raw=raw)
            return
        with file.open("w", encoding="utf-8", newline="") as stream:
            count = export_csv(connection, name, stream, raw=raw)
    say(f"{file}: {count} people.")


@app.command("show")
def show(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Show all that is kept of a person (GDPR Article 15)."""
    digest = App.load(config_path(context))
    with digest.database.read() as connection:
        person = find_person(connection, _address(digest, address))
        if person is None:
            raise NothingToDo("nobody has this address")
        subscriptions = list_subscriptions(connection, person.id)
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
    digest = App.load(config_path(context))
    name = digest.newsletter(newsletter).name
    with digest.database.write() as connection:
        person = find_person(connection, _address(digest, address))
        has_left = person is not None and leave(
            connection, person.id, name, how="manual", now=utc_now()
        )
    _show_change(has_left, "left", "had no such subscription", as_json=as_json)


@app.command("suppress")
def suppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Never mail an address again, whatever is imported."""
    digest = App.load(config_path(context))
    with digest.database.write() as connection:
        suppress(
            connection,
            digest.keys,
            _address(digest, address),
            SuppressionReason.MANUAL,
            now=utc_now(),
        )
    _show_change(True, "suppressed", "", as_json=as_json)


@app.command("unsuppress")
def unsuppress_address(
    context: typer.Context, address: AddressText, as_json: JsonFlag = False
) -> None:
    """Let mail to an address pass again."""
    digest = App.load(config_path(context))
    with digest.database.write() as connection:
        is_freed = unsuppress(connection, digest.keys, _address(digest, address))
    _show_change(is_freed, "may be mailed again", "was not suppressed", as_json=as_json)


@app.command("erase")
def erase(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Forget a person; only a keyed hash stays, so that no import mails them (GDPR Article 17)."""
    digest = App.load(config_path(context))
    with digest.database.write() as connection:
        was_known = erase_person(connection, digest.keys, _address(digest, address), now=utc_now())
    _show_change(was_known, "erased", "was not known; suppressed all the same", as_json=as_json)


def _options(
    digest: App, newsletter: NewsletterConfig, consent: str, seen: str, *, how: str
) -> ImportOptions:
    return ImportOptions(
        newsletter=newsletter.name,
        keys=digest.keys,
        now=utc_now(),
        consent=consent,
        how=how,
        seen_seq=_seen_seq(digest, seen),
        allow_reserved=digest.is_development,
    )


def _seen_seq(digest: App, seen: str) -> int | None:
    """Give where newcomers' windows start; None leaves it to the newsletter's rule."""
    if seen == "now":
        with digest.database.read() as connection:
            return posts.last_seq(connection)
    if seen not in ("", "all"):
        raise UsageError(f"--seen {seen!r}: write 'now' or 'all'")
    return 0 if seen else None


def _address(digest: App, text: str) -> Address:
    return parse_address(text, allow_reserved=digest.is_development)


def _known_categories(newsletter: NewsletterConfig, wanted: list[str]) -> tuple[str, ...]:
    for category in wanted:
        if category not in newsletter.categories:
            raise UsageError(
                f"{newsletter.name} has no category {category!r};"
                f" it has {', '.join(newsletter.categories)}"
            )
    return tuple(sorted(set(wanted)))


def _show_report(file: Path, report: ImportReport, consent: str, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items() if count)
    say(f"{file}: {counts or 'no rows'}.")
    if not consent and report.counts[RowOutcome.ADDED]:
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
