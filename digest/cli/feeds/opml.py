"""`digest feeds import` and `export`: lists of feeds that other programs read and write."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App
from digest.app.database import unopened_database
from digest.app.sources import feed_sources
from digest.cli.feeds.add import SectionName
from digest.cli.feeds.address import CategoryNames, keys_of, same, typed_categories
from digest.cli.feeds.writing import (
    check_section,
    show_problem,
    warnings_of,
    write_feeds,
)
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, print_table, say
from digest.config.edit import NewFeed
from digest.errors import ExitCode, NothingToDo, UsageError
from digest.readers.opml import Outline, read_opml, write_opml
from digest.store.feeds import list_feeds
from digest.text.display import printable

#: Longer lists are no person's.
MAX_BYTES = 20_000_000


def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="OPML, as feed readers export it.")],
    category: CategoryNames = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    section: SectionName = "",
    as_json: JsonFlag = False,
) -> None:
    """Add the feeds of an OPML file that are not there yet; its folders become categories.

    With --category all of them get that one. Exit 1: some entries cannot be added, or the
    configuration cannot be written; 3: all are there already.
    """
    path = config_path(context)
    app = App.load(path)
    check_section(app.config, section)
    if file.stat().st_size > MAX_BYTES:
        raise UsageError(f"{file}: is larger than {MAX_BYTES // 1_000_000} MB")
    listed = read_opml(file.read_bytes(), str(file))
    known = keys_of(feed.url for feed in app.config.feeds)
    fresh = {same(each.url): each for each in reversed(listed.feeds) if same(each.url) not in known}
    feeds, problems = _categorised(tuple(fresh.values())[::-1], typed_categories(category))
    problems = (*listed.problems, *problems)
    if not feeds and not problems:
        raise NothingToDo(f"{file}: holds no feed that is not in {path} already")
    written = write_feeds(path, feeds, section=section, is_dry=dry_run) if feeds else None
    warnings = warnings_of(app.config, feeds, section)
    if as_json:
        print_json(
            {
                "added": [asdict(feed) for feed in feeds],
                "known": len(listed.feeds) - len(fresh),
                "refused": problems,
                "warnings": warnings,
                "lines": written.lines if written else "",
                "is_written": written is not None and written.is_written,
                "problem": written.problem if written else "",
            }
        )
    else:
        is_written = written is not None and written.is_written
        _show(feeds, len(listed.feeds) - len(fresh), is_written=is_written)
        for line in (*problems, *(f"Warning: {warning}" for warning in warnings)):
            typer.echo(printable(line), err=True)
        if written and written.problem:
            show_problem(written, section)
    if problems or (written and written.problem):
        raise typer.Exit(ExitCode.PROBLEMS)


def export_opml(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; standard output by default.")
    ] = None,
) -> None:
    """Write the configured feeds as OPML, a folder for each category."""
    app = App.load(config_path(context))
    titles = _titles(app)
    body = write_opml(
        app.config.site.name,
        (
            Outline(url=each.url, title=titles.get(each.url, ""), categories=each.categories)
            for each in feed_sources(app.config)
        ),
    )
    if file is None:
        sys.stdout.buffer.write(body)
    else:
        file.write_bytes(body)


def _categorised(
    outlines: tuple[Outline, ...], categories: tuple[str, ...]
) -> tuple[list[NewFeed], tuple[str, ...]]:
    """Give the feeds to add, and those that nobody has said where to put."""
    feeds = [
        NewFeed(url=each.url, categories=categories or each.categories)
        for each in outlines
        if categories or each.categories
    ]
    left_out = tuple(
        f"{each.url}: is in no folder; give --category"
        for each in outlines
        if not (categories or each.categories)
    )
    return feeds, left_out


def _titles(app: App) -> dict[str, str]:
    """Give the feeds' own titles as far as they were read; no database is made for it."""
    if not unopened_database(app.config).exists():
        return {}
    with app.database.read() as connection:
        return {feed.url: feed.title for feed in list_feeds(connection)}


def _show(feeds: list[NewFeed], known: int, *, is_written: bool) -> None:
    print_table(("feed", "categories"), [(f.url, ", ".join(f.categories)) for f in feeds])
    what = "added" if is_written else "to add"
    say(f"{len(feeds)} feeds {what}, {known} there already.")
