"""The command `digest`: one file per command, each a thin door to `digest.app`."""

from __future__ import annotations

import errno
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from digest import __version__
from digest.cli import (
    approve,
    cancel,
    check,
    collect,
    comments,
    compose,
    configuration,
    db,
    deliveries,
    demo,
    diff,
    init,
    pause,
    plan,
    preview,
    resolve,
    resume,
    run,
    send,
    serve,
    status,
    subscribers,
    try_send,
)
from digest.errors import DigestError, ExitCode
from subscribers.errors import SubscriberError

app = typer.Typer(
    name="digest",
    help="The weekly email digest: collect feeds, compose an edition, send it once to everybody.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("init")(init.init)
app.command("collect")(collect.collect)
app.command("compose")(compose.compose)
app.command("preview")(preview.preview)
app.command("check")(check.check)
app.command("approve")(approve.approve)
app.command("diff")(diff.diff)
app.command("send")(send.send)
app.command("test")(try_send.send_test)
app.command("pause")(pause.pause)
app.command("resume")(resume.resume)
app.command("cancel")(cancel.cancel)
app.command("resolve")(resolve.resolve)
app.command("plan")(plan.plan)
app.command("deliveries")(deliveries.deliveries)
app.command("status")(status.status)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(comments.app, name="comments")
app.add_typer(configuration.app, name="config")
app.add_typer(db.app, name="db")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")] = Path(
        "config.toml"
    ),
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell on standard error what happens inside.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Take the options that stand before every command."""
    context.obj = config
    # Whatever ends a command is its one line; what it tried before that is told on request.
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )


def main() -> None:
    """Run a command; every expected fault is a line on standard error and its exit code."""
    try:
        app()
    except (DigestError, SubscriberError) as error:
        _give_up(str(error), getattr(error, "exit_code", ExitCode.USAGE))
    except BrokenPipeError:
        # The reader of our output is gone; a second error at exit helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.PROBLEMS)
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        transient = error.errno in (errno.ENOSPC, errno.EROFS)
        _give_up(
            f"{error.filename or 'disk'}: {error.strerror}",
            ExitCode.TRY_LATER if transient else ExitCode.USAGE,
        )


def _give_up(message: str, code: int) -> NoReturn:
    for line in message.splitlines():
        sys.stderr.write(f"digest: {line}\n")
    sys.exit(code)
