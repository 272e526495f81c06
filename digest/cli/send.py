"""`digest send`: sends an edition once to each of its subscribers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from digest.app.user import terminal_user
from digest.cli.check import show_findings
from digest.cli.door import open_newsroom
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say, warn, warn_without_category
from digest.cli.send_progress import choose_view, watched
from digest.errors import DigestError, ExitCode, RelayRefusal
from digest.models import EditionState, StoredEdition
from digest.text.counted import counted
from subscribers.errors import SubscriberError

if TYPE_CHECKING:
    from digest.newsroom import Newsroom
    from digest.newsroom.send import DryRun, SendReport


def send(
    context: typer.Context,
    edition: Annotated[
        int | None,
        typer.Argument(
            metavar="EDITION", help="Edition ID. Default: every edition whose hour has come."
        ),
    ] = None,
    newsletter: Annotated[
        str,
        typer.Option("--newsletter", "-n", metavar="NAME", help="Newsletter name. Default: all."),
    ] = "",
    now: Annotated[
        bool,
        typer.Option("--now", help="Send a draft before its hour, in place of that slot."),
    ] = False,
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

    Sends each edition whose hour has come, one after the other: freezes a draft, or continues an
    edition that is partly sent, until no mail is due now. No subscriber gets an edition twice,
    not even after a crash. SIGTERM, Ctrl-C or a closed terminal stops it after the mails in hand.

    Shows its progress: on a terminal a line with the rate and the expected end, elsewhere a line
    each minute, with --json an event in each line of standard error.

    A draft is not sent before its hour. --now sends it today in place of its slot; `digest
    compose --extra` makes an edition that uses no slot.

    Exit codes: 1 if some mails are deferred or too many are unknown (with --dry-run: if a check
    finds an error), 2 if a relay refuses the password or its certificate is not trusted, 3 if
    there is nothing to send, 4 if the hour has not come or an edition is blocked by a check, not
    approved, paused, its audience changed too much, or the database was restored or copied, 75
    if no relay accepts mails (nothing is lost). With several editions, the worst of their codes.
    """
    newsroom = open_newsroom(context)
    found = newsroom.find_sendable(newsletter, edition, is_at_once=now, is_rehearsal=dry_run)
    job = _Job(
        newsroom=newsroom, outbox=outbox, any_audience=yes_audience, is_at_once=now, as_json=as_json
    )
    if not dry_run and outbox is None:
        warn(newsroom.check_state())
    work = job.rehearse if dry_run else job.send
    results: list[_Done] = []
    for each in found:
        try:
            done = work(each)
        except (DigestError, SubscriberError) as error:
            if len(found) == 1:
                raise
            typer.echo(f"digest: {error}", err=True)
            done = _Done(_exit_code(error), {"edition": each.id, "error": str(error)})
        results.append(done)
        rest = len(found) - len(results)
        if done.was_stopped and rest:
            said = counted(rest, "more edition")
            typer.echo(f"digest: stopped; {said} not begun: run `digest send` again", err=True)
            break
    if as_json:
        data = [done.data for done in results]
        print_json(data[0] if len(found) == 1 else data)
    if worst := max((done.code for done in results), key=_SEVERITY.index):
        raise typer.Exit(worst)


#: A time without its seconds must not be too early.
_ROUNDED_UP = timedelta(seconds=59)
#: The exit codes, the worst last.
_SEVERITY = (
    ExitCode.DONE,
    ExitCode.NOTHING_TO_DO,
    ExitCode.PROBLEMS,
    ExitCode.REFUSED,
    ExitCode.USAGE,
    ExitCode.TRY_LATER,
)


def _exit_code(error: Exception) -> ExitCode:
    return ExitCode(getattr(error, "exit_code", ExitCode.USAGE))


class _Done(NamedTuple):
    """How the work on one edition ended."""

    code: ExitCode
    #: For --json.
    data: dict[str, object]
    #: Whether somebody stopped it.
    was_stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """The work on each edition."""

    newsroom: Newsroom
    outbox: Path | None
    any_audience: bool
    is_at_once: bool
    as_json: bool

    def rehearse(self, stored: StoredEdition) -> _Done:
        rehearsal = self.newsroom.rehearse(stored)
        if not self.as_json:
            _show_dry_run(rehearsal)
        errors = rehearsal.check.errors if rehearsal.check else 0
        code = ExitCode.PROBLEMS if errors else ExitCode.DONE
        return _Done(code, _dry_run_data(rehearsal))

    def send(self, stored: StoredEdition) -> _Done:
        is_draft = stored.frozen_at is None
        if is_draft:
            run(self.newsroom.ask_again(stored))
        frozen = self.newsroom.freeze(
            stored, by=terminal_user(), any_audience=self.any_audience, is_at_once=self.is_at_once
        )
        if is_draft and not self.as_json:
            for line in self.newsroom.removed_from(frozen):
                say(line)
        progress = self.newsroom.progress_of(frozen, is_new=is_draft)
        sending = self.newsroom.send(frozen, outbox=self.outbox, progress=progress)
        report = run(watched(sending, progress, choose_view(as_json=self.as_json)))
        if not self.as_json:
            _show(report)
        return _Done(report.exit_code, _data(report), was_stopped=report.run.was_stopped_by_hand)


def _dry_run_data(rehearsal: DryRun) -> dict[str, object]:
    findings = rehearsal.check.findings if rehearsal.check else ()
    return {
        "edition": rehearsal.edition_id,
        "subscribers": rehearsal.subscribers,
        "variants": rehearsal.variants,
        "without_category": rehearsal.without_category,
        "findings": [asdict(finding) for finding in findings],
    }


def _show_dry_run(rehearsal: DryRun) -> None:
    check = rehearsal.check
    errors = check.errors if check else 0
    if check:
        show_findings(check)
    blocked = f"is blocked by {counted(errors, 'error')}; without, it " if errors else ""
    say(
        f"Edition {rehearsal.edition_id} {blocked}would be sent to"
        f" {counted(rehearsal.subscribers, 'subscriber')}"
        f" in {counted(rehearsal.variants, 'variant')}."
    )
    warn_without_category(rehearsal.newsletter, rehearsal.without_category)


def _data(report: SendReport) -> dict[str, object]:
    return {
        "edition": report.edition_id,
        "state": report.state,
        "is_finished": report.accounting.is_closed,
        "deliveries": asdict(report.accounting),
        "without_category": report.without_category,
        "run": {**asdict(report.run), "rate": report.run.rate},
    }


def _show(report: SendReport) -> None:
    run, account = report.run, report.accounting
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
    if run.deferred or run.failed or run.unknown:
        say(f"For the reasons, run `digest status {report.edition_id}`.")
    warn_without_category(report.newsletter, report.without_category)
    if run.taken_over:
        say(
            f"Another process took {counted(run.taken_over, 'mail')} over, because this one had"
            " given no sign of life."
        )
    if run.trouble:
        was_refused = isinstance(run.trouble, RelayRefusal)
        what = "were accepted" if was_refused else "could be sent now"
        say(f"Not all mails {what}: {run.trouble}")
    if not account.is_closed:
        for hold in run.holds:
            until = f" until {hold.until:%Y-%m-%d %H:%M} UTC" if hold.until else ""
            say(f"Held{until}: {hold.reason}. {hold.release}")
    if account.is_closed:
        say(
            f"{report.state.capitalize()}: {account.frozen} = {account.sent} sent"
            f" + {account.failed} failed + {account.unknown} unknown + {account.skipped} skipped."
        )
        if account.unknown:
            say(
                f"{counted(account.unknown, 'mail')} sent, but never answered; see"
                f" `digest status {report.edition_id}` and `digest resolve {report.edition_id}`."
            )
    elif report.state is EditionState.PAUSED:
        say(
            f"Paused ({report.paused_reason}); {counted(account.open, 'mail')} not yet sent."
            f" To continue, run `digest resume {report.edition_id}`."
        )
    else:
        _show_open(report)


def _show_open(report: SendReport) -> None:
    """Print how many mails wait, and when to run again."""
    run, mails = report.run, counted(report.accounting.open, "mail")
    if run.again_at and run.again_at > datetime.now(UTC):
        say(
            f"{mails} not yet sent; the next is due"
            f" {run.again_at + _ROUNDED_UP:%Y-%m-%d %H:%M} UTC. Run `digest send` again then."
        )
    else:
        say(f"{mails} not yet sent; run `digest send` again.")
