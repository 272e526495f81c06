"""What every command begins with: the newsroom, and who is at the terminal."""

from __future__ import annotations

import getpass

import typer

from digest.app import App
from digest.cli.options import config_path
from digest.models import Actor
from digest.newsroom import Newsroom


def open_newsroom(context: typer.Context) -> Newsroom:
    """Return the use cases, over the configuration that `digest --config` names.

    Raises:
        ConfigError: it cannot be used.
    """
    return App.load(config_path(context)).newsroom


def terminal_user() -> Actor:
    """Return the operating system's user: who asks for a change at a terminal."""
    try:
        return Actor(name=getpass.getuser()[:64])
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return Actor(name="terminal")
