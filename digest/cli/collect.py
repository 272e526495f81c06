"""`digest collect`: fetches every feed once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.drawing import progress_bar
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode
from digest.models import CollectReport, FeedOutcome, FeedResult
from digest.text.counted import counted


def collect(
    context: typer.Context,
    as_json: JsonFlag = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also fetch feeds that are gone or whose server asked us to wait, and retry what"
            " could not be read.",
        ),
    ] = False,
) -> None:
    """Fetch every feed and store new posts and comments.

    Comments are read for recent posts only. A feed that fails does not stop the others.

    Exit codes: 1 if a feed failed or is gone.
    """
    newsroom = open_newsroom(context)
    done = 0
    with progress_bar(hidden=as_json) as bar:

        def show(outcome: FeedOutcome) -> None:
            nonlocal done
            done += 1
            bar.show(done, newsroom.feed_count, outcome.url)

        work = newsroom.collect(by=terminal_user(), is_forced=force, progress=show)
        report = run(work)
    if as_json:
        print_json(asdict(report))
    else:
        _show(report)
    if report.in_trouble:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(report: CollectReport) -> None:
    print_table(
        ("feed", "result", "new posts", "changed posts", "new comments", "seconds"),
        [
            (f.url, _result(f), f.new, f.changed, f.new_comments, f"{f.duration_s:.1f}")
            for f in report.feeds
        ],
    )
    for feed in report.feeds:
        for problem in feed.problems:
            say(f"{feed.url}: {problem}")
    say(
        f"{counted(report.new, 'new post')}{_archived(report)}, {report.changed} changed,"
        f" {counted(report.new_comments, 'new comment')};"
        f" {len(report.failed)} of {counted(len(report.feeds), 'feed')} failed."
    )


def _archived(report: CollectReport) -> str:
    archived = sum(feed.archived for feed in report.feeds)
    return f" ({archived} kept as archive)" if archived else ""


def _result(feed: FeedOutcome) -> str:
    until = f" until {feed.waits_until:%Y-%m-%d %H:%M} UTC" if feed.waits_until else ""
    return f"{feed.result}{until}" if feed.result is FeedResult.WAITING else feed.result
