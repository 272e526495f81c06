"""`digest send`: sends an edition once to each of its subscribers."""

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
from digest.cli.output import print_json, progress_bar, say, warn
from digest.errors import ExitCode
from digest.models import DeliveryState, EditionState
from digest.text.counted import counted

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
            help="Write and check every letter, but send nothing.",
        ),
    ] = False,
    outbox: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write .eml files here instead; they count as sent."),
    ] = None,
    yes_audience: Annotated[
        bool,
        typer.Option("--yes-audience", help="Send even if the audience changed a lot."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Send an edition to its subscribers; safe to repeat.

    Freezes a draft, or continues an edition that is partly sent, until no mail is due now. No
    subscriber gets it twice, not even after a crash.

    Exit codes: 1 if some mails are deferred (with --dry-run: if a check finds an error), 3 if
    there is nothing to send, 4 if the edition is blocked by a check, not approved, paused, its
    audience changed too much, or the database was restored or copied, 75 if no relay is
    available (nothing is lost).
    """
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    if dry_run:
        _show_dry_run(desk.rehearse(edition), as_json=as_json)
        return
    if outbox is None:
        warn(open_newsroom(context).check_state())
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


def _show_dry_run(rehearsal: DryRun, *, as_json: bool) -> None:
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
        blocked = f"is blocked by {counted(errors, 'error')}; without, it " if errors else ""
        say(
            f"Edition {rehearsal.edition_id} {blocked}would be sent to"
            f" {counted(rehearsal.subscribers, 'subscriber')}"
            f" in {counted(rehearsal.variants, 'variant')}."
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
        say(
            f"A crashed run left {counted(run.released.unknown, 'mail')} unknown;"
            " settle them with `digest resolve`."
        )
    say(
        f"Edition {report.edition_id}: {run.sent} sent in {run.seconds:.1f} s"
        f" ({run.rate:.0f} per second), {run.deferred} deferred, {run.failed} failed,"
        f" {run.skipped} skipped, {run.unknown} unknown."
    )
    if account.is_closed:
        say(
            f"{report.state.capitalize()}: {account.frozen} = {account.sent} sent"
            f" + {account.failed} failed + {account.unknown} unknown + {account.skipped} skipped."
        )
    elif report.state is EditionState.PAUSED:
        say(
            f"Paused ({report.paused_reason}); {counted(account.open, 'mail')} not yet sent."
            f" To continue, run `digest resume {report.edition_id}`."
        )
    elif run.next_at:
        say(
            f"{counted(account.open, 'mail')} not yet sent; the next is due"
            f" {run.next_at:%Y-%m-%d %H:%M} UTC. Run `digest send` again then."
        )
    else:
        say(f"{counted(account.open, 'mail')} not yet sent; run `digest send` again.")
