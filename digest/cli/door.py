"""Opens the newsroom for every command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest import app
from digest.cli.options import config_path

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
