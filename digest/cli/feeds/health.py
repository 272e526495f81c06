"""`digest feeds list`: the state of every configured feed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.feeds.health import FeedReport


def list_feeds(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Show the state and the problems of every configured feed.

    Exit codes: 1 if a feed is failing or gone.
    """
    reports = open_newsroom(context).feeds.health()
    if as_json:
        print_json({"feeds": [asdict(report) for report in reports]})
    else:
        _show(reports)
    if any(report.is_failing for report in reports):
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(reports: tuple[FeedReport, ...]) -> None:
    print_table(
        (
            "feed",
            "title",
            "state",
            "last read (UTC)",
            "last new post (UTC)",
            "next try (UTC)",
            "posts in 30 days",
            "comment sources",
        ),
        [
            (
                report.url,
                report.title[:40] or "-",
                report.state,
                _time(report.read_at),
                _time(report.new_at),
                _time(report.next_try),
                report.recent_posts,
                _comments(report),
            )
            for report in reports
        ],
    )
    for report in reports:
        if report.failures and report.state != "gone":
            failures = counted(report.failures, "failure")
            say(f"{report.url}: {failures} in a row: {report.last_error}")
        if report.moved_to:
            say(f"{report.url}: moved to {report.moved_to}; change its url in the configuration")
        if report.state == "gone":
            say(f"{report.url}: gone permanently; remove it from the configuration")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _comments(report: FeedReport) -> str:
    if not report.has_comments:
        return "off"
    found = (f"{count} {kind}" for kind, count in report.comment_sources.items())
    return ", ".join(found) or "none"
