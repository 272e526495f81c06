"""`digest check`: what is wrong with an edition before it goes out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.app.composing import audience_of
from digest.app.printing import letter_writer_of
from digest.cli.choose import visible_edition
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode
from digest.pipeline.distribution import Distribution
from digest.pipeline.prepare import Prepared, prepare
from digest.pipeline.rendering import RenderedVariant
from digest.store.editions import StoredEdition
from subscribers.preferences import load_categories


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
    app = App.load(config_path(context))
    stored = visible_edition(app, edition, newsletter)
    owner = app.newsletter(stored.newsletter)
    audience = audience_of(app.config, owner, stored.cadence, stored.local_at)
    prepared = prepare(app.database, stored, letter_writer_of(app, owner), audience, now=utc_now())
    if as_json:
        print_json(_as_data(stored, prepared))
    else:
        _show(stored, prepared)
    if any(finding.is_error or strict for finding in prepared.findings):
        raise typer.Exit(ExitCode.PROBLEMS)


def _as_data(stored: StoredEdition, prepared: Prepared) -> dict[str, object]:
    return {
        "edition": stored.id,
        "variants": len(prepared.rendered),
        "subscribers": prepared.subscribers,
        "waiting": prepared.distribution.waiting,
        "widened": prepared.distribution.widened,
        "findings": [asdict(finding) for finding in prepared.findings],
        "left_out": [asdict(mend) for mend in prepared.mends],
        "trimmed": [
            {"subject": each.letter.subject, "bytes": size, "trims": each.letter.variant.trims}
            for each, size in _sizes(prepared)
            if each.letter.variant.trims
        ],
    }


def _sizes(prepared: Prepared) -> list[tuple[RenderedVariant, int]]:
    """Give each letter with the bytes of its HTML."""
    return [(each, len(each.letter.html.encode())) for each in prepared.rendered.values()]


def show_findings(prepared: Prepared) -> None:
    """Print what was left out or cut, and what the rules found."""
    for mend in prepared.mends:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    for each, size in _sizes(prepared):
        if each.letter.variant.trims:
            whose = ", ".join(load_categories(each.rule.categories)) or "all sections"
            say(f"Cut to {size / 1000:.1f} KB for subscribers of {whose}:")
            for trim in each.letter.variant.trims:
                say(f"  {trim}")
    print_table(
        ("rule", "", "where", "what"),
        [
            (f.rule, "error" if f.is_error else "warning", f.place, f.text)
            for f in prepared.findings
        ],
    )


def _show(stored: StoredEdition, prepared: Prepared) -> None:
    show_findings(prepared)
    errors = sum(finding.is_error for finding in prepared.findings)
    largest = max((size for _, size in _sizes(prepared)), default=0)
    say(
        f"Edition {stored.id}: {len(prepared.rendered)} variants for {prepared.subscribers}"
        f" subscribers,"
        f" largest {largest / 1000:.1f} KB: {errors} errors,"
        f" {len(prepared.findings) - errors} warnings."
    )
    _show_exceptions(prepared.distribution)


def _show_exceptions(distribution: Distribution) -> None:
    if distribution.waiting:
        say(
            f"{distribution.waiting} subscribers are further behind than the edition was"
            f" composed for;"
            " `digest compose` takes them in, or they wait for the next."
        )
    if distribution.widened:
        say(
            f"{distribution.widened} subscribers get some stories again: there are more variants"
            f" than"
            " max_variants."
        )
