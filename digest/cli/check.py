"""`digest check`: what is wrong with an edition before it goes out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode

if TYPE_CHECKING:
    from digest.newsroom.check import CheckReport


def check(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write every letter of an edition and apply the rules; nothing is stored or sent.

    Exit 1: there are errors (with --strict: or warnings).
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
    """Print what was left out or cut, and what the rules found."""
    for mend in report.mended:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    for letter in report.letters:
        if letter.trims:
            whose = ", ".join(letter.categories) or "all sections"
            say(f"Cut to {letter.size / 1000:.1f} KB for subscribers of {whose}:")
            for trim in letter.trims:
                say(f"  {trim}")
    print_table(
        ("rule", "", "where", "what"),
        [(f.rule, "error" if f.is_error else "warning", f.place, f.text) for f in report.findings],
    )


def _show(report: CheckReport) -> None:
    show_findings(report)
    largest = max((letter.size for letter in report.letters), default=0)
    say(
        f"Edition {report.edition_id}: {len(report.letters)} variants for"
        f" {report.subscribers} subscribers, largest {largest / 1000:.1f} KB:"
        f" {report.errors} errors, {len(report.findings) - report.errors} warnings."
    )
    if report.waiting:
        say(
            f"{report.waiting} subscribers are further behind than the edition was composed for;"
            " `digest compose` takes them in, or they wait for the next."
        )
    if report.widened:
        say(
            f"{report.widened} subscribers get some stories again: there are more variants than"
            " max_variants."
        )
