"""`digest bounces`: processes mails that came back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode, UsageError
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.bounces import BounceReport

app = typer.Typer(help="Process bounces, complaints and unsubscribe mails.", no_args_is_help=True)


@app.callback()
def bounces() -> None:
    """Process bounces, complaints and unsubscribe mails."""


@app.command("ingest")
def ingest(
    context: typer.Context,
    pipe: Annotated[
        str, typer.Argument(metavar="-", help="`-`: read one mail from standard input.")
    ] = "",
    maildir: Annotated[Path | None, typer.Option(metavar="DIR", help="Read this Maildir.")] = None,
    mbox: Annotated[Path | None, typer.Option(metavar="FILE", help="Read this mbox file.")] = None,
    imap: Annotated[bool, typer.Option("--imap", help="Read the account over IMAP.")] = False,
    pop: Annotated[bool, typer.Option("--pop", help="Read the account over POP.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read the mailbox of returned mails and act on each mail.

    Reads the mailbox that the configuration names, or the one given here. A mailbox that does not
    exist any more is suppressed; one that is full only after five failures in a row over two
    weeks. A complaint ends every subscription. Mails without a valid signature change nothing,
    and each mail is acted upon once, so it is safe to repeat.

    Exit codes: 1 if many mails of an edition came back (not with `-`, because the mail server
    would report a failure), 2 if the mailbox cannot be read, 3 if it has no new mail, 75 if the
    mail server cannot be reached.
    """
    if pipe not in ("", "-"):
        raise UsageError(f"{pipe!r}: must be `-` for standard input; a mailbox is an option")
    given = {
        "pipe": pipe == "-",
        "maildir": maildir is not None,
        "mbox": mbox is not None,
        "imap": imap,
        "pop": pop,
    }
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise UsageError("name one mailbox only")
    source = named[0] if named else ""
    report = open_newsroom(context).ingest_bounces(source, maildir or mbox, by=terminal_user())
    if as_json:
        print_json(asdict(report))
    else:
        _show(report)
    if report.warnings and source != "pipe":
        raise typer.Exit(ExitCode.PROBLEMS)
    # A repeated mail is no failure of the pipe's mail server.
    if report.read == (0 if source == "pipe" else report.repeated):
        raise typer.Exit(ExitCode.NOTHING_TO_DO)


def _show(report: BounceReport) -> None:
    say(f"{counted(report.read, 'mail')} read.")
    if report.unsigned:
        say(f"{report.unsigned} without a valid signature: nothing was changed.")
    if report.repeated:
        say(f"{report.repeated} read before.")
    for title, numbers in (("Meaning", report.classes), ("Result", report.outcomes)):
        if numbers:
            said = ", ".join(f"{number} {name}" for name, number in numbers.items())
            say(f"{title}: {said}.")
    for warning in report.warnings:
        say(f"Warning: {warning}" if warning.endswith("?") else f"Warning: {warning}.")
