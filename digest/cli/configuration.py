"""`digest config`: checks the configuration."""

from __future__ import annotations

import typer

from digest.app import parts
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.errors import ConfigError, TemplateError
from digest.text.counted import counted

app = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Check the configuration."""


@app.command("check")
def check(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Report every error in the configuration.

    Your own templates are checked too, once the configuration has no error.

    Exit codes: 2 if the configuration or a template has an error.
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
        print_json({"ok": True, "problems": [], "warnings": checked.warnings})
        return
    for warning in checked.warnings:
        say(f"Warning: {warning}")
    names = ", ".join(checked.newsletters)
    say(f"{path}: valid. {counted(checked.feed_count, 'feed')}; newsletters: {names}.")
