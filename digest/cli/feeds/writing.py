"""Feeds into the configuration file, or to the screen where it cannot be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from digest.config import Config
from digest.config.edit import NewFeed, add_feeds, add_section, feed_lines
from digest.config.save import read_text, save_config, why_not_writable
from digest.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of new feeds."""

    #: The lines of the configuration.
    lines: str
    is_written: bool
    #: Why they were not written; empty where they were, or were not to be.
    problem: str = ""


def write_feeds(path: Path, feeds: Sequence[NewFeed], *, section: str, is_dry: bool) -> Written:
    """Add feeds to a configuration file.

    Args:
        path: of the configuration.
        feeds: none of them is in it.
        section: the newsletter that shows their categories from now on; empty: no change.
        is_dry: nothing is written.

    Raises:
        ConfigError: the result would not be right; nothing was written.
    """
    lines = feed_lines(feeds)
    if is_dry:
        return Written(lines=lines, is_written=False)
    problem = why_not_writable(path)
    if problem:
        return Written(lines=lines, is_written=False, problem=f"{path}: {problem}")
    old = read_text(path)
    try:
        new = add_feeds(old, feeds)
        if section:
            new = add_section(new, section, [name for feed in feeds for name in feed.categories])
    except ConfigError as error:
        return Written(lines=lines, is_written=False, problem=f"{path}: {error}")
    save_config(path, old, new)
    return Written(lines=lines, is_written=True)


def check_section(config: Config, section: str) -> None:
    """Refuse a newsletter that there is not.

    Raises:
        UsageError: `section` names none.
    """
    names = [newsletter.name for newsletter in config.newsletters]
    if section and section not in names:
        raise UsageError(
            f"--section: there is no newsletter {section!r}; there is {', '.join(names)}"
        )


def warnings_of(config: Config, feeds: Sequence[NewFeed], section: str) -> tuple[str, ...]:
    """Name the categories that no newsletter shows, with what to do about each."""
    shown = {name for newsletter in config.newsletters for name in newsletter.categories}
    if section:
        return ()
    unknown = dict.fromkeys(name for feed in feeds for name in feed.categories)
    first = config.newsletters[0].name
    return tuple(
        f"no newsletter shows the category {name!r}: add it to `categories` of [[newsletters]],"
        f" or use --section {first}"
        for name in unknown
        if name not in shown
    )


def show_problem(written: Written, section: str = "") -> None:
    """Tell why nothing was written, with the lines to paste, and who is to show them."""
    typer.echo(f"digest: {written.problem}; put these lines into it:", err=True)
    typer.echo(written.lines, nl=False)
    if section:
        typer.echo(f"digest: and their categories into those of newsletter {section!r}", err=True)
