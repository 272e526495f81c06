"""`digest send`: an edition, to everybody, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.app.composing import audience_of
from digest.app.printing import letter_writer_of
from digest.app.sending import connections_of, mailers_of
from digest.cli.check import show_findings
from digest.cli.choose import sendable_edition
from digest.cli.loop import run
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import ProgressBar, print_json, progress_bar, say
from digest.errors import ExitCode, Refused
from digest.models import DeliveryState, EditionState, Finding
from digest.newsroom.approval import approved_content, audience_jump
from digest.pipeline.audience import AudienceRule
from digest.pipeline.deliver import deliver
from digest.pipeline.freeze import freeze
from digest.pipeline.prepare import prepare
from digest.sender.ledger import Accounting
from digest.sender.outbox import Outbox
from digest.sender.request import RunReport
from digest.store import closing, editions
from digest.store.editions import StoredEdition
from digest.store.variants import list_variants
from digest.web.journal import LeaveJournal, journal_path
from digest.web.public import replay_journal
from digest.web.subscriptions import StoredSubscribers


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
    app = App.load(config_path(context))
    stored = sendable_edition(app, edition, newsletter)
    app.refuse_unsafe()
    if dry_run:
        _show_plan(app, stored, as_json=as_json)
        return
    _take_leavings(app)
    if stored.state in editions.OPEN:
        stored = _freeze(app, stored, any_audience=yes_audience)
    with progress_bar(hidden=as_json) as bar:
        report = run(_deliver(app, stored, outbox, bar))
    with app.database.read() as connection:
        account = closing.read_accounting(connection, stored.id)
        stored = editions.get_edition(connection, stored.id) or stored
    _show(stored, report, account, as_json=as_json)
    if not account.is_closed:
        raise typer.Exit(ExitCode.PROBLEMS)


def _take_leavings(app: App) -> None:
    """Let those go first who left while the database could not be written."""
    journal = LeaveJournal(journal_path(app.database.path))
    replay_journal(journal, StoredSubscribers(app.database, {}))


def _freeze(app: App, stored: StoredEdition, *, any_audience: bool) -> StoredEdition:
    newsletter = app.newsletter(stored.newsletter)
    audience = audience_of(app.config, newsletter, stored.cadence, stored.local_at)
    now = utc_now()
    approved = approved_content(
        stored, audience, is_review_required=newsletter.review == "required"
    )
    if not any_audience:
        _refuse_jump(app, stored, audience, most=newsletter.max_audience_jump, now=now)
    freeze(
        app.database,
        stored,
        letter_writer_of(app, newsletter),
        audience,
        keys=app.keys,
        now=now,
        approved_hash=approved,
    )
    with app.database.read() as connection:
        return editions.get_edition(connection, stored.id) or stored


def _refuse_jump(
    app: App, stored: StoredEdition, audience: AudienceRule, *, most: float, now: datetime
) -> None:
    jump = audience_jump(app.database, stored, audience, most=most, now=now)
    if jump:
        raise Refused(f"edition {stored.id}: {jump}; look again, then use --yes-audience")


async def _deliver(
    app: App, stored: StoredEdition, outbox: Path | None, bar: ProgressBar
) -> RunReport:
    newsletter = app.newsletter(stored.newsletter)
    done: Counter[DeliveryState] = Counter()

    def show(state: DeliveryState) -> None:
        done[state] += 1
        bar.show(done.total(), stored.frozen_count, f"Edition {stored.id}")

    return await deliver(
        app.database,
        stored,
        letter_writer_of(app, newsletter),
        keys=app.keys,
        open_mailer=(lambda: Outbox(outbox)) if outbox else mailers_of(app.config),
        connections=1 if outbox else connections_of(app.config),
        max_age=newsletter.max_age,
        clock=utc_now,
        progress=show,
    )


def _show_plan(app: App, stored: StoredEdition, *, as_json: bool) -> None:
    if stored.state is EditionState.SENDING:
        # Its letters were checked before they were frozen.
        with app.database.read() as connection:
            subscribers = closing.read_accounting(connection, stored.id).open
            variants = len(list_variants(connection, stored.id))
        _show_counts(stored, subscribers, variants, (), as_json=as_json)
        return
    newsletter = app.newsletter(stored.newsletter)
    audience = audience_of(app.config, newsletter, stored.cadence, stored.local_at)
    prepared = prepare(
        app.database, stored, letter_writer_of(app, newsletter), audience, now=utc_now()
    )
    if not as_json:
        show_findings(prepared)
    findings = prepared.findings
    _show_counts(stored, prepared.subscribers, len(prepared.rendered), findings, as_json=as_json)
    if any(finding.is_error for finding in findings):
        raise typer.Exit(ExitCode.PROBLEMS)


def _show_counts(
    stored: StoredEdition,
    subscribers: int,
    variants: int,
    findings: tuple[Finding, ...],
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(
            {
                "edition": stored.id,
                "subscribers": subscribers,
                "variants": variants,
                "findings": [asdict(finding) for finding in findings],
            }
        )
        return
    errors = sum(finding.is_error for finding in findings)
    held = f"would be held by {errors} error{'s' * (errors > 1)}; else it " if errors else ""
    say(f"Edition {stored.id} {held}would go to {subscribers} subscribers, in {variants} variants.")


def _show(stored: StoredEdition, report: RunReport, account: Accounting, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "edition": stored.id,
                "state": stored.state,
                "is_finished": account.is_closed,
                "deliveries": asdict(account),
                "run": {**asdict(report), "rate": report.rate},
            }
        )
        return
    if report.released.unknown:
        say(f"{report.released.unknown} mails of a run that died are in doubt: `digest resolve`.")
    say(
        f"Edition {stored.id}: {report.sent} sent in {report.seconds:.1f} s"
        f" ({report.rate:.0f} a second), {report.deferred} put off, {report.failed} failed,"
        f" {report.skipped} skipped, {report.unknown} in doubt."
    )
    if account.is_closed:
        say(
            f"{stored.state.capitalize()}: {account.frozen} = {account.sent} sent"
            f" + {account.failed} failed + {account.unknown} unknown + {account.skipped} skipped."
        )
    elif stored.state is EditionState.PAUSED:
        say(
            f"Paused ({stored.paused_reason}), {account.open} are still open:"
            f" `digest resume {stored.id}`."
        )
    elif report.next_at:
        say(
            f"{account.open} are still open; the next is due"
            f" {report.next_at:%Y-%m-%d %H:%M} UTC: run `digest send` then."
        )
    else:
        say(f"{account.open} are still open: run `digest send` again.")
