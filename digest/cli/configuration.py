"""`digest config`: checks the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from digest.app import parts
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.errors import ConfigError, ExitCode, TemplateError
from digest.text.counted import counted

if TYPE_CHECKING:
    from pathlib import Path

    from digest.app.config_file import CheckedConfig

app = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Check the configuration."""


@app.command("check")
def check(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Report every error in the configuration.

    Your own templates are checked too, once the configuration has no error. After an update, it
    names once what changed its meaning or its default.

    Exit codes: 1 if placeholders of the example are left, or if no newsletter shows the posts of
    a feed; 2 if the configuration or a template has an error.
    """
    path = config_path(context)
    try:
        checked = parts.config_file.check(path)
    except (ConfigError, TemplateError) as error:
        if not as_json:
            raise
        problems = error.problems if isinstance(error, ConfigError) else (str(error),)
        print_json({"ok": False, "problems": problems})
        raise typer.Exit(error.exit_code) from error
    if as_json:
        print_json(
            {
                "ok": not checked.findings,
                "problems": checked.findings,
                "warnings": checked.warnings,
                "changes": checked.changes,
            }
        )
    else:
        _show(path, checked)
    if checked.findings:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(path: Path, checked: CheckedConfig) -> None:
    for change in checked.changes:
        say(f"Changed: {change}")
    for warning in checked.warnings:
        say(f"Warning: {warning}")
    for finding in checked.findings:
        say(f"To do: {finding}")
    names = ", ".join(checked.newsletters)
    left = f"valid, but {counted(len(checked.findings), 'thing')} to do" if checked.findings else ""
    feeds = counted(checked.feed_count, "feed")
    say(f"{path}: {left or 'valid'}. {feeds}; newsletters: {names}.")
