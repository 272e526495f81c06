"""Opens the newsroom and names the user at the terminal, for every command."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest import app
from digest.cli.options import config_path
from digest.models import Actor

if TYPE_CHECKING:
    from digest.app import App
    from digest.newsroom import Newsroom


def open_app(context: typer.Context) -> App:
    """Return the installation that the file of `digest --config` configures.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    return load_app(config_path(context))


def load_app(path: Path) -> App:
    """Return the installation of a configuration file.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    return app.App.load(path)


def open_newsroom(context: typer.Context) -> Newsroom:
    """Return the use cases for the file of `digest --config`.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    return open_app(context).newsroom


def terminal_user() -> Actor:
    """Return the operating system's user, recorded as the actor of a change."""
    try:
        return Actor(name=getpass.getuser()[:64])
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return Actor(name="terminal")
