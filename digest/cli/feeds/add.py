"""`digest feeds add`: finds a site's feeds and adds them to the configuration."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_app
from digest.cli.feeds.address import CategoryNames, UrlText, typed_categories, typed_url
from digest.cli.feeds.finding import no_feed, show_found
from digest.cli.feeds.writing import show_problem
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.errors import ExitCode, NothingToDo, UsageError
from digest.models import NewFeed
from digest.newsroom.feeds.choose import choose, propose_category
from digest.text.counted import counted
from digest.text.display import printable
from digest.text.html import plain_line

if TYPE_CHECKING:
    from digest.app.feed_list import FeedList
    from digest.newsroom.feeds.file import Written
    from digest.newsroom.feeds.sighting import Scouting, Sighting

SectionName = Annotated[
    str,
    typer.Option(
        "--section", metavar="NEWSLETTER", help="Also add the category to this newsletter."
    ),
]


def add(
    context: typer.Context,
    url: UrlText,
    category: CategoryNames = None,
    all_feeds: Annotated[
        bool, typer.Option("--all", help="Add every feed of posts that is found.")
    ] = False,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the configuration lines; change nothing.")
    ] = False,
    section: SectionName = "",
    as_json: JsonFlag = False,
) -> None:
    """Find a site's feeds and add one to the configuration.

    Shows each feed and some of its posts. On a terminal, asks if the choice is not clear.

    Exit codes: 1 if no feed is found or the configuration cannot be written, 2 if there are
    several feeds and none is chosen, 3 if the feed is already configured.
    """
    path, app = config_path(context), open_app(context)
    asked, categories = typed_url(url), typed_categories(category)
    listed = app.feed_list
    listed.check_section(section)
    if listed.has(asked):
        raise NothingToDo(f"feed {asked}: already in {path}")
    scouting = run(app.newsroom.feeds.find(asked))
    is_quiet = as_json or print_only
    if not is_quiet:
        show_found(scouting)
    chosen = _choose(scouting, is_all=all_feeds, is_asked=not is_quiet and _is_terminal())
    fresh = [feed for feed in chosen if not listed.has(feed.url, feed.moved_to)]
    if chosen and not fresh:
        raise NothingToDo(f"feed {chosen[0].url}: already in {path}")
    feeds = [
        NewFeed(url=feed.url, categories=categories or _category(listed, feed, is_quiet=is_quiet))
        for feed in fresh
    ]
    if not feeds:
        _refuse(scouting, as_json=as_json)
    written = listed.add(feeds, section=section, is_dry=print_only)
    warnings = listed.warnings(feeds, section)
    if as_json:
        added = [asdict(feed) for feed in feeds]
        print_json({**asdict(scouting), "added": added, **asdict(written), "warnings": warnings})
    else:
        _report(feeds, written, warnings, section)
    if written.problem:
        raise typer.Exit(ExitCode.PROBLEMS)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _choose(scouting: Scouting, *, is_all: bool, is_asked: bool) -> tuple[Sighting, ...]:
    """Return the feeds to add; empty if the choice is not clear."""
    choice = choose(scouting, is_all=is_all)
    if choice.is_clear or is_all:
        return choice.feeds
    if not choice.feeds or not is_asked:
        return ()
    numbers = {str(number): feed for number, feed in enumerate(scouting.found, start=1)}
    answer = typer.prompt("Which one? (number)")
    if answer.strip() not in numbers:
        raise UsageError(
            f"{printable(answer)[:40]!r} is not one of the numbers above; nothing was changed"
        )
    return (numbers[answer.strip()],)


def _category(listed: FeedList, feed: Sighting, *, is_quiet: bool) -> tuple[str, ...]:
    proposed = propose_category(feed, listed.categories)
    if not is_quiet and _is_terminal():
        proposed = plain_line(typer.prompt("Category", default=printable(proposed))) or proposed
    return (proposed,)


def _refuse(scouting: Scouting, *, as_json: bool) -> None:
    """End without adding a feed.

    Raises:
        UsageError: there are several feeds.
        DigestError: there is no feed.
    """
    if as_json:
        print_json({**asdict(scouting), "added": [], "lines": "", "is_written": False})
        raise typer.Exit(ExitCode.USAGE if scouting.found else ExitCode.PROBLEMS)
    if scouting.found:
        feeds = counted(len(scouting.found), "feed")
        raise UsageError(f"{scouting.url}: has {feeds}; give the address of one, or use --all")
    raise no_feed(scouting)


def _report(
    feeds: Sequence[NewFeed], written: Written, warnings: Sequence[str], section: str
) -> None:
    for warning in warnings:
        typer.echo(printable(f"Warning: {warning}"), err=True)
    if written.problem:
        show_problem(written, section)
    elif not written.is_written:
        typer.echo(written.lines, nl=False)
    else:
        for feed in feeds:
            say(f"Added {feed.url} ({', '.join(feed.categories)}).")
        say("Next: run `digest collect`. Its posts from more than a week ago are not mailed.")
