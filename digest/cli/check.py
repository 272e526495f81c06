"""`digest check`: checks an edition before it is sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.check import CheckReport


def check(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check every letter of an edition; nothing is sent.

    Writes the letters as they would be sent and applies all rules; nothing is stored.

    Exit codes: 1 if there is an error, or with --strict a warning.
    """
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    report = desk.check(edition)
    if as_json:
        print_json(_as_data(report))
    else:
        _show(report)
    if any(finding.is_error or strict for finding in report.findings):
        raise typer.Exit(ExitCode.PROBLEMS)


def _as_data(report: CheckReport) -> dict[str, object]:
    return {
        "edition": report.edition_id,
        "hash": report.hash,
        "variants": len(report.letters),
        "subscribers": report.subscribers,
        "waiting": report.waiting,
        "widened": report.widened,
        "findings": [asdict(finding) for finding in report.findings],
        "left_out": [asdict(mend) for mend in report.mended],
        "trimmed": [
            {"subject": letter.subject, "bytes": letter.size, "trims": letter.trims}
            for letter in report.letters
            if letter.trims
        ],
    }


def show_findings(report: CheckReport) -> None:
    """Print the parts left out, the letters cut, and the findings."""
    for mend in report.mended:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    for letter in report.letters:
        if letter.trims:
            sections = ", ".join(letter.categories) or "all sections"
            say(f"Cut to {letter.size / 1000:.1f} KB for subscribers of {sections}:")
            for trim in letter.trims:
                say(f"  {trim}")
    print_table(
        ("rule", "severity", "place", "problem"),
        [(f.rule, "error" if f.is_error else "warning", f.place, f.text) for f in report.findings],
    )


def _show(report: CheckReport) -> None:
    show_findings(report)
    largest = max((letter.size for letter in report.letters), default=0)
    say(
        f"Edition {report.edition_id}: {counted(len(report.letters), 'variant')} for"
        f" {counted(report.subscribers, 'subscriber')}, largest {largest / 1000:.1f} KB:"
        f" {counted(report.errors, 'error')},"
        f" {counted(len(report.findings) - report.errors, 'warning')}. Hash {report.hash[:12]}."
    )
    if report.waiting:
        say(
            f"Not included: {counted(report.waiting, 'subscriber')} with older unsent posts than"
            " this draft covers; `digest compose` includes them, else the next edition does."
        )
    if report.widened:
        say(
            f"Some stories are repeated for {counted(report.widened, 'subscriber')}: there are"
            " more variants than max_variants."
        )
