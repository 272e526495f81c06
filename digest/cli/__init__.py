"""The command `digest`: one file for each command, which calls `digest.app`."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn

import typer

import digest
from digest.cli.commands import Commands
from digest.errors import DigestError, ExitCode, disk_fault, is_disk_fault
from subscribers.errors import SubscriberError

app = typer.Typer(
    name="digest",
    cls=Commands,
    help="Collect feeds, compose an edition, send it once to each subscriber.",
    no_args_is_help=True,
    # As in `load_command`: help is plain text.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"digest {digest.__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="Configuration file.")
    ] = Path("config.toml"),
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log details to standard error.")
    ] = False,
    log: Annotated[
        str,
        typer.Option(
            "--log",
            metavar="text|json",
            envvar="DIGEST_LOG",
            show_envvar=False,
            help="Form of the log: text, or json (one object a line). Also DIGEST_LOG.",
        ),
    ] = "text",
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Read the options that come before every command."""
    context.obj = config
    # A command that fails prints one line; what it tried before is logged only with --verbose.
    # Imported only here: `digest --help` needs no log.
    import_module("digest.cli.logs").set_up(log, is_verbose=verbose)


def main() -> None:
    """Run a command; an expected error prints a line to standard error and sets the exit code."""
    _open_streams()
    try:
        app()
    except (DigestError, SubscriberError) as error:
        _give_up(str(error), getattr(error, "exit_code", ExitCode.USAGE))
    except BrokenPipeError:
        # The reader of our output is gone; devnull avoids a second error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.PROBLEMS)
    except OSError as error:
        if is_disk_fault(error):
            _give_up(str(disk_fault(error.filename or "disk", error)), ExitCode.TRY_LATER)
        if error.filename is None:
            raise
        _give_up(f"{error.filename}: {error.strerror}", ExitCode.USAGE)


def _open_streams() -> None:
    """Make sure that no command fails because a standard stream is closed or lacks a letter."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - to the end
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if sys.stderr is None:
        sys.stderr = sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _give_up(message: str, code: int) -> NoReturn:
    """Print the error, also as JSON if the command was asked for JSON and printed none."""
    # Imported only here: it takes longer than `digest --help` may.
    if (
        "--json" in sys.argv
        and not (output := import_module("digest.cli.output")).has_printed_json()
    ):
        output.print_json({"error": message, "exit_code": int(code)})
    for line in message.splitlines():
        sys.stderr.write(f"digest: {line}\n")
    sys.exit(code)
