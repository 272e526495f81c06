"""`digest feeds import` and `export`: lists of feeds as OPML files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.door import open_app
from digest.cli.feeds.add import SectionName
from digest.cli.feeds.address import CategoryNames, typed_categories
from digest.cli.feeds.writing import show_problem
from digest.cli.files import is_output, name_of_input, open_input
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode, NothingToDo
from digest.models import NewFeed
from digest.text.counted import counted
from digest.text.display import printable

#: Larger files are not lists that a person made.
MAX_BYTES = 20 << 20


def import_opml(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="OPML file exported by a feed reader. `-`: standard input."
        ),
    ],
    category: CategoryNames = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be added; change nothing.")
    ] = False,
    section: SectionName = "",
    as_json: JsonFlag = False,
) -> None:
    """Add the feeds of an OPML file to the configuration.

    The folders of the file become categories; --category replaces them. Feeds that are already
    configured are skipped.

    Exit codes: 1 if some entries cannot be added or the configuration cannot be written, 3 if
    all feeds are already configured.
    """
    path, configured = config_path(context), open_app(context).feed_list
    configured.check_section(section)
    name = name_of_input(file)
    with open_input(file, most=MAX_BYTES) as stream:
        listed = configured.read_opml(stream.read(), name, typed_categories(category))
    feeds, problems = listed.new, listed.problems
    if not feeds and not problems:
        raise NothingToDo(f"{name}: all its feeds are already in {path}")
    written = configured.add(feeds, section=section, is_dry=dry_run) if feeds else None
    warnings = configured.warnings(feeds, section)
    if as_json:
        print_json(
            {
                "added": [asdict(feed) for feed in feeds],
                "known": listed.known,
                "refused": problems,
                "warnings": warnings,
                "lines": written.lines if written else "",
                "is_written": written is not None and written.is_written,
                "problem": written.problem if written else "",
            }
        )
    else:
        is_written = written is not None and written.is_written
        _show(feeds, listed.known, is_written=is_written)
        for line in (*problems, *(f"Warning: {warning}" for warning in warnings)):
            typer.echo(printable(line), err=True)
        if written and written.problem:
            show_problem(written, section)
    if problems or (written and written.problem):
        raise typer.Exit(ExitCode.PROBLEMS)


def export_opml(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Output file. Default, or `-`: standard output."),
    ] = None,
) -> None:
    """Write the configured feeds as OPML.

    Each category becomes a folder.
    """
    body = open_app(context).feed_list.write_opml()
    if file is None or is_output(file):
        sys.stdout.buffer.write(body)
    else:
        file.write_bytes(body)


def _show(feeds: Sequence[NewFeed], known: int, *, is_written: bool) -> None:
    print_table(("feed", "categories"), [(f.url, ", ".join(f.categories)) for f in feeds])
    done = "added" if is_written else "to add"
    say(f"{counted(len(feeds), 'feed')} {done}, {known} already configured.")
