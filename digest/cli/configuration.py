"""`digest config`: is the configuration right?"""

from __future__ import annotations

import stat
from difflib import get_close_matches
from pathlib import Path

import typer

from digest.app import App
from digest.app.database import unopened_database
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.config import EXAMPLE_KEY, Config, load_config
from digest.errors import ConfigError, TemplateError
from digest.letter.printing.render import Renderer
from digest.resources import templates_dir
from digest.web.pages import Pages

app = typer.Typer(help="The configuration.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The configuration."""


@app.command("check")
def check(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Read the configuration and tell every fault at once; then the templates of your own."""
    path = config_path(context)
    try:
        config = load_config(path)
        unopened_database(config)
        _read_templates(App(config).template_folders)
    except (ConfigError, TemplateError) as error:
        if not as_json:
            raise
        problems = error.problems if isinstance(error, ConfigError) else (str(error),)
        print_json({"ok": False, "problems": problems})
        raise typer.Exit(error.exit_code) from error
    warnings = [*_warnings(path, config), *_strange_templates(config)]
    if as_json:
        print_json({"ok": True, "problems": [], "warnings": warnings})
        return
    for warning in warnings:
        say(f"Warning: {warning}")
    names = ", ".join(newsletter.name for newsletter in config.newsletters)
    say(f"{path}: right. {len(config.feeds)} feeds, newsletters: {names}.")


def _read_templates(folders: tuple[Path, ...]) -> None:
    Renderer(folders).check()
    Pages(folders).check()


def _strange_templates(config: Config) -> list[str]:
    """Name the operator's files that stand for no shipped one and so may be misspelt."""
    own, shipped = config.site.templates, templates_dir()
    if own is None:
        return []
    names = {file.relative_to(shipped).as_posix() for file in shipped.rglob("*.j2")}
    files = sorted(file.relative_to(own).as_posix() for file in own.rglob("*") if file.is_file())
    return [
        f"site.templates: {name} replaces no shipped template; did you mean {near[0]!r}?"
        for name in files
        if name not in names and (near := get_close_matches(name, sorted(names), n=1, cutoff=0.9))
    ]


def _warnings(path: Path, config: Config) -> list[str]:
    found = []
    if any(key.get_secret_value() == EXAMPLE_KEY for key in config.site.secret_keys):
        found.append(
            "site.secret_keys holds the example's key; nothing can be sent with it."
            " `digest init` writes a random one"
        )
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and not config.site.development:
        found.append(f"{path} can be read by others and holds secrets; chmod 600 {path}")
    return found
