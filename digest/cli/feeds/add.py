"""`digest feeds add`: from a site's address to a feed in the configuration."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.app.reading import open_fetcher
from digest.cli.feeds.address import (
    CategoryNames,
    UrlText,
    keys_of,
    same,
    typed_categories,
    typed_url,
)
from digest.cli.feeds.writing import (
    Written,
    check_section,
    show_problem,
    warnings_of,
    write_feeds,
)
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.config.edit import NewFeed
from digest.errors import DigestError, ExitCode, NothingToDo, UsageError
from digest.newsroom.feeds import Scouting, Sighting, choose, find_feeds, propose_category
from digest.readers.parsing.pool import ParserPool
from digest.text.display import printable
from digest.text.html import plain_line

SectionName = Annotated[
    str,
    typer.Option("--section", metavar="NEWSLETTER", help="Show the category in it too."),
]


def add(
    context: typer.Context,
    url: UrlText,
    category: CategoryNames = None,
    all_feeds: Annotated[
        bool, typer.Option("--all", help="Every feed of posts that is found.")
    ] = False,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the lines; change nothing.")
    ] = False,
    section: SectionName = "",
    as_json: JsonFlag = False,
) -> None:
    """Find a site's feeds, show what would be read, and add one to the configuration.

    Exit 1: no feed was found, or the configuration cannot be written; 2: there are several and
    none is named; 3: it is there already.
    """
    path = config_path(context)
    app = App.load(path)
    asked, categories = typed_url(url), typed_categories(category)
    check_section(app.config, section)
    known = keys_of(feed.url for feed in app.config.feeds)
    if same(asked) in known:
        raise NothingToDo(f"feed {asked}: is in {path} already")
    scouting = run(_scout(app, asked))
    is_quiet = as_json or print_only
    if not is_quiet:
        _show(scouting)
    meant = _meant(scouting, is_all=all_feeds, is_asked=not is_quiet and _is_terminal())
    fresh = [feed for feed in meant if known.isdisjoint(keys_of((feed.url, feed.moved_to)))]
    if meant and not fresh:
        raise NothingToDo(f"feed {meant[0].url}: is in {path} already")
    feeds = [
        NewFeed(url=feed.url, categories=categories or _category(app, feed, is_quiet=is_quiet))
        for feed in fresh
    ]
    if not feeds:
        _refuse(scouting, as_json=as_json)
    written = write_feeds(path, feeds, section=section, is_dry=print_only)
    _tell(app, scouting, feeds, written, section=section, as_json=as_json)
    if written.problem:
        raise typer.Exit(ExitCode.PROBLEMS)


async def _scout(app: App, url: str) -> Scouting:
    async with open_fetcher(app.config) as fetcher, ParserPool() as pool:
        return await find_feeds(fetcher, pool, url, now=utc_now())


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _meant(scouting: Scouting, *, is_all: bool, is_asked: bool) -> tuple[Sighting, ...]:
    """Give the feeds to add; empty where nobody can say which."""
    choice = choose(scouting, is_all=is_all)
    if choice.is_clear or is_all:
        return choice.feeds
    if not choice.feeds or not is_asked:
        return ()
    numbers = {str(number): feed for number, feed in enumerate(scouting.found, start=1)}
    answer = typer.prompt("Which one? (number)")
    if answer.strip() not in numbers:
        raise UsageError(f"{printable(answer)[:40]!r} is none of them; nothing was changed")
    return (numbers[answer.strip()],)


def _category(app: App, feed: Sighting, *, is_quiet: bool) -> tuple[str, ...]:
    shown = (name for newsletter in app.config.newsletters for name in newsletter.categories)
    proposed = propose_category(feed, shown)
    if not is_quiet and _is_terminal():
        proposed = plain_line(typer.prompt("Category", default=printable(proposed))) or proposed
    return (proposed,)


def _refuse(scouting: Scouting, *, as_json: bool) -> None:
    """End without a feed: there is none, or it is not clear which.

    Raises:
        DigestError: says so.
    """
    if as_json:
        print_json({**asdict(scouting), "added": [], "lines": "", "is_written": False})
        raise typer.Exit(ExitCode.USAGE if scouting.found else ExitCode.PROBLEMS)
    if scouting.found:
        count = len(scouting.found)
        raise UsageError(f"{scouting.url}: has {count} feeds; name one by its address, or --all")
    tried = "\n".join(printable(f"tried {each.url}: {each.reason}") for each in scouting.tried)
    raise DigestError(f"{scouting.url}: no feed found\n{tried}")


def _show(scouting: Scouting) -> None:
    for number, feed in enumerate(scouting.found, start=1):
        say(f"{number}. {feed.title or 'without a title'}")
        say(f"   {feed.url}")
        newest = f"{feed.newest:%Y-%m-%d %H:%M} UTC" if feed.newest else "without a date"
        say(f"   {feed.format}, {feed.posts} posts, the newest {newest}")
        for title in feed.samples:
            say(f"   - {title}")
        say(f"   Comments: {feed.comments or 'none found'}")
        if feed.moved_to:
            say(f"   Has moved to {feed.moved_to}; add that address")
        for problem in feed.problems:
            say(f"   {problem}")
    for each in scouting.comment_feeds:
        say(f"Comments are read by themselves: {each.url}")


def _tell(
    app: App,
    scouting: Scouting,
    feeds: Sequence[NewFeed],
    written: Written,
    *,
    section: str,
    as_json: bool,
) -> None:
    warnings = warnings_of(app.config, feeds, section)
    if as_json:
        added = [asdict(feed) for feed in feeds]
        print_json({**asdict(scouting), "added": added, **asdict(written), "warnings": warnings})
        return
    for warning in warnings:
        typer.echo(printable(f"Warning: {warning}"), err=True)
    if written.problem:
        show_problem(written, section)
    elif not written.is_written:
        typer.echo(written.lines, nl=False)
    else:
        for feed in feeds:
            say(f"Added {feed.url} ({', '.join(feed.categories)}).")
        say("`digest collect` reads it; what it carries from before last week is not mailed.")
