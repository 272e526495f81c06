"""`digest feeds list`: how every configured feed does."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.errors import ExitCode

if TYPE_CHECKING:
    from digest.newsroom.feeds.health import FeedReport


def list_feeds(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Show every configured feed: when it was read, what it brought, what is wrong with it.

    Exit 1: a feed fails or is gone.
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
            "last new (UTC)",
            "next try (UTC)",
            "30 days",
            "comments",
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
            times = "once" if report.failures == 1 else f"{report.failures} times in a row"
            say(f"{report.url}: failed {times}: {report.last_error}")
        if report.moved_to:
            say(f"{report.url}: has moved to {report.moved_to}; change its url")
        if report.state == "gone":
            say(f"{report.url}: is gone for good; take it out")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _comments(report: FeedReport) -> str:
    if not report.has_comments:
        return "off"
    found = (f"{count} {kind}" for kind, count in report.comment_sources.items())
    return ", ".join(found) or "none"
