"""Collects and composes once, so that the operator sees a first edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.app.user import terminal_user
from digest.cli.drawing import progress_bar
from digest.cli.loop import run
from digest.cli.output import say
from digest.cli.preview import write_preview
from digest.errors import NothingToDo
from digest.models import FeedOutcome
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.app import App
    from digest.models import CollectReport
    from digest.newsroom import Newsroom
    from digest.newsroom.feeds.sighting import Sighting
    from digest.newsroom.preview import PreviewMail


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEdition:
    """The mail that a new installation would send; all but `what` is empty if there is none."""

    #: Its name for people, or why there is none.
    what: str
    #: None if no edition was made, but one is shown of the posts of an earlier week.
    edition: int | None = None
    subject: str = ""
    #: Path of the mail as a page.
    html: str = ""
    #: Whether a feed could not be read.
    is_in_trouble: bool = False


def make_first_edition(
    app: App, folder: Path, found: Sequence[Sighting], *, is_quiet: bool
) -> FirstEdition:
    """Fetch the feeds, compose and write the mail to files.

    A site without a new post gets the mail of the week of its newest post, which is not stored.

    Args:
        app: the new installation.
        folder: the folder of the configuration; the files go to `preview` in it.
        found: the feeds as they were found.
        is_quiet: whether to print nothing.
    """
    newsroom = app.newsroom
    report = _collect(newsroom, is_quiet=is_quiet)
    if not is_quiet:
        _show(report)
    try:
        mail = _compose(newsroom, found)
    except NothingToDo as reason:
        return FirstEdition(what=str(reason), is_in_trouble=bool(report.in_trouble))
    subject, files = write_preview(folder / "preview", mail)
    return FirstEdition(
        what=f"Edition {mail.edition_id}"
        if mail.edition_id
        else "As it would have been in its week",
        edition=mail.edition_id,
        subject=subject,
        html=files.html,
        is_in_trouble=bool(report.in_trouble),
    )


def _collect(newsroom: Newsroom, *, is_quiet: bool) -> CollectReport:
    done = 0
    with progress_bar(hidden=is_quiet) as bar:

        def show(outcome: FeedOutcome) -> None:
            nonlocal done
            done += 1
            bar.show(done, newsroom.feed_count, outcome.url)

        return run(newsroom.collect(by=terminal_user(), progress=show))


def _show(report: CollectReport) -> None:
    for feed in report.feeds:
        for problem in feed.problems:
            say(f"{feed.url}: {problem}")
    say(f"Collected {counted(report.new, 'post')}.")


def _compose(newsroom: Newsroom, found: Sequence[Sighting]) -> PreviewMail:
    newsletter = newsroom.newsletter("")
    try:
        newsroom.compose("", "", by=terminal_user())
        return newsletter.preview(None)
    except NothingToDo:
        dates = [feed.newest for feed in found if feed.newest]
        if not dates:
            raise
        year, week, _ = max(dates).isocalendar()
        return newsletter.preview_week(f"{year}-W{week:02}")[0]
