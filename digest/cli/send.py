"""`digest send`: an edition, to everybody, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.check import show_findings
from digest.cli.door import open_newsroom, terminal_user
from digest.cli.loop import run
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, progress_bar, say
from digest.errors import ExitCode
from digest.models import DeliveryState, EditionState

if TYPE_CHECKING:
    from digest.newsroom.send import DryRun, SendReport


def send(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Write and check every letter, send nothing; exit 1: a check would hold it.",
        ),
    ] = False,
    outbox: Annotated[
        Path | None,
        typer.Option(help="Write .eml files into this folder in place of sending; they count."),
    ] = None,
    yes_audience: Annotated[
        bool,
        typer.Option("--yes-audience", help="However much the audience differs from the last."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Send an edition: freeze the draft, or go on with one that is half sent.

    Runs until nothing is due now. Safe to repeat, also after a crash: nobody gets it twice.
    Exit 1: some are put off to later. Exit 3: nothing to send. Exit 4: held by a check, not
    approved, paused, or to an audience unlike the last one's. Exit 75: no relay serves; nothing
    is lost.
    """
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    if dry_run:
        _show_rehearsal(desk.rehearse(edition), as_json=as_json)
        return
    frozen = desk.freeze(edition, by=terminal_user(), any_audience=yes_audience)
    done: Counter[DeliveryState] = Counter()
    with progress_bar(hidden=as_json) as bar:

        def show(state: DeliveryState) -> None:
            done[state] += 1
            bar.show(done.total(), frozen.frozen_count, f"Edition {frozen.id}")

        report = run(desk.send(frozen, outbox=outbox, progress=show))
    _show(report, as_json=as_json)
    if not report.accounting.is_closed:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show_rehearsal(rehearsal: DryRun, *, as_json: bool) -> None:
    check = rehearsal.check
    findings, errors = (check.findings, check.errors) if check else ((), 0)
    if as_json:
        print_json(
            {
                "edition": rehearsal.edition_id,
                "subscribers": rehearsal.subscribers,
                "variants": rehearsal.variants,
                "findings": [asdict(finding) for finding in findings],
            }
        )
    else:
        if check:
            show_findings(check)
        held = f"would be held by {errors} error{'s' * (errors > 1)}; else it " if errors else ""
        say(
            f"Edition {rehearsal.edition_id} {held}would go to {rehearsal.subscribers}"
            f" subscribers, in {rehearsal.variants} variants."
        )
    if errors:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(report: SendReport, *, as_json: bool) -> None:
    run, account = report.run, report.accounting
    if as_json:
        print_json(
            {
                "edition": report.edition_id,
                "state": report.state,
                "is_finished": account.is_closed,
                "deliveries": asdict(account),
                "run": {**asdict(run), "rate": run.rate},
            }
        )
        return
    if run.released.unknown:
        say(f"{run.released.unknown} mails of a run that died are in doubt: `digest resolve`.")
    say(
        f"Edition {report.edition_id}: {run.sent} sent in {run.seconds:.1f} s"
        f" ({run.rate:.0f} a second), {run.deferred} put off, {run.failed} failed,"
        f" {run.skipped} skipped, {run.unknown} in doubt."
    )
    if account.is_closed:
        say(
            f"{report.state.capitalize()}: {account.frozen} = {account.sent} sent"
            f" + {account.failed} failed + {account.unknown} unknown + {account.skipped} skipped."
        )
    elif report.state is EditionState.PAUSED:
        say(
            f"Paused ({report.paused_reason}), {account.open} are still open:"
            f" `digest resume {report.edition_id}`."
        )
    elif run.next_at:
        say(
            f"{account.open} are still open; the next is due"
            f" {run.next_at:%Y-%m-%d %H:%M} UTC: run `digest send` then."
        )
    else:
        say(f"{account.open} are still open: run `digest send` again.")
