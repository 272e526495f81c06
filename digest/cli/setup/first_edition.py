"""Collects and composes once, so that the operator sees a first edition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.app import parts
from digest.app.user import terminal_user
from digest.cli.drawing import progress_bar
from digest.cli.loop import run
from digest.cli.output import say
from digest.cli.preview import write_preview
from digest.errors import NothingToDo
from digest.models import EditorChanges, FeedOutcome, Setup
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.app import App
    from digest.models import CollectReport
    from digest.newsroom import Newsroom
    from digest.newsroom.preview import PreviewMail

#: How many posts of each feed a mail of older posts has.
_OLDER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEdition:
    """The mail that a new installation would send; all but `what` is empty if there is none."""

    #: Its name for people, or why there is none.
    what: str
    #: None if there is no new post, and the mail is of older ones.
    edition: int | None = None
    subject: str = ""
    #: Path of the mail as a page.
    html: str = ""
    #: Whether a feed could not be read.
    is_in_trouble: bool = False


def make_first_edition(app: App, folder: Path, setup: Setup, *, is_quiet: bool) -> FirstEdition:
    """Fetch the feeds, compose and write the mail to files.

    A site without a new post gets a mail of its older posts, of which nothing is stored.

    Args:
        app: the new installation.
        folder: the folder of the configuration; the files go to `preview` in it.
        setup: the values of the configuration.
        is_quiet: whether to print nothing.
    """
    newsroom = app.newsroom
    report = _collect(newsroom, is_quiet=is_quiet)
    is_in_trouble = bool(report.in_trouble)
    if not is_quiet:
        _show(report)
    try:
        newsroom.compose("", "", by=terminal_user())
        mail = newsroom.newsletter("").preview(None)
        what, edition = f"Edition {mail.edition_id}", mail.edition_id
    except NothingToDo as reason:
        with parts.setup.rehearsal(setup) as other:
            found = None if is_in_trouble else _with_older_posts(other.newsroom)
        if found is None:
            return FirstEdition(what=str(reason), is_in_trouble=is_in_trouble)
        mail, what, edition = found, "No new post in the last week; a mail of older ones", None
    subject, files = write_preview(folder / "preview", mail)
    return FirstEdition(
        what=what, edition=edition, subject=subject, html=files.html, is_in_trouble=is_in_trouble
    )


def _with_older_posts(newsroom: Newsroom) -> PreviewMail | None:
    """Return the mail of the feeds' older posts; None if they have none."""
    user = terminal_user()
    run(newsroom.collect(by=user))
    older = [
        post.post_id
        for accounts in newsroom.account_next("", "", is_extra=True)
        for feed in accounts.kept
        for post in feed.posts[-_OLDER:]  # the newest are last
    ]
    if not older:
        return None
    changes = EditorChanges(include=tuple(older))
    newsroom.compose("", "", by=user, is_extra=True, changes=changes)
    return newsroom.newsletter("").preview(None)


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
