"""`digest demo`: a complete run from feeds to inboxes, on this machine and offline.

It serves an invented paper, runs a real mail server and the public commands, then reads the
mailbox and checks that every subscriber got the right mail.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from digest.demo.folder import DemoFolder, prepare_folder
from digest.demo.issue import Issue, print_issue
from digest.demo.letter import open_letter
from digest.demo.lookaround import keep_up
from digest.demo.mailbox import list_mails, read_mail
from digest.demo.mailserver import require_aiosmtpd, start_mail_server
from digest.demo.pages import Page
from digest.demo.pageserver import PageServer, serve_pages
from digest.demo.paper import load_paper
from digest.demo.people import SampleSubscriber, sample_subscribers, subscribers_csv
from digest.demo.settings import Ports, find_free_ports, write_config
from digest.demo.site import render_site
from digest.demo.steps import STEPS, DemoError, run_step
from digest.demo.summary import mails_per_second, show_summary
from digest.demo.verdict import judge


def run_demo(out: Path, *, serve: bool = False, database: str = "sqlite:///digest.db") -> None:
    """Run the whole demo.

    Args:
        out: the output folder; emptied first if an earlier demo made it.
        serve: whether to keep the sample site, preview and inbox page running until Ctrl-C.
        database: the URL of the database, which must be empty.

    Raises:
        DigestError: a step failed, or the mailbox has a wrong mail.
    """
    require_aiosmtpd()
    console = Console()
    folder = prepare_folder(out)
    subscribers = sample_subscribers(now=datetime.now(UTC))
    with serve_site() as (site, issue), start_mail_server(folder.mailbox) as smtp_port:
        public, admin = find_free_ports(2)
        ports = Ports(smtp=smtp_port, public=public, admin=admin)
        _write_inputs(folder, issue, ports, subscribers, database)
        console.print(
            f"[bold]{issue.paper.name}[/], an invented paper, is served at {site.base_url}/"
        )
        console.print(f"\n[bold cyan]$ cd {folder.root}[/]", soft_wrap=True)
        for step in STEPS:
            run_step(step, folder.root, console)
        _look_back(folder, issue, subscribers, console, serve=serve)
        if serve:
            keep_up(folder, ports, site.base_url, console)


@contextmanager
def serve_site() -> Iterator[tuple[PageServer, Issue]]:
    """Serve the current paper until the block ends."""
    paper = load_paper()
    now = datetime.now(UTC)
    # Every link has the port, which is known only once the server listens.
    pages: dict[str, Page] = {}
    with serve_pages(pages.get) as server:
        issue = print_issue(paper, now=now, base_url=server.base_url)
        pages.update(render_site(issue))
        yield server, issue


def _write_inputs(
    folder: DemoFolder,
    issue: Issue,
    ports: Ports,
    subscribers: tuple[SampleSubscriber, ...],
    database: str,
) -> None:
    """Write the files that a user would have: a configuration and a list of subscribers."""
    config = write_config(issue, ports, secret_key=secrets.token_urlsafe(32), database=database)
    folder.config.write_text(config, "utf-8")
    folder.people.write_text(subscribers_csv(subscribers), "utf-8", newline="")


def _look_back(
    folder: DemoFolder,
    issue: Issue,
    subscribers: tuple[SampleSubscriber, ...],
    console: Console,
    *,
    serve: bool,
) -> None:
    """Read the mailbox, write one mail as separate files and print the summary.

    Raises:
        DemoError: a mail is missing or wrong.
    """
    files = list_mails(folder.mailbox)
    mails = tuple(read_mail(file) for file in files)
    verdict = judge(mails, subscribers, issue)
    fullest = max(zip(mails, files, strict=True), key=lambda pair: len(pair[0].html), default=None)
    if fullest is not None:
        open_letter(*fullest, issue, folder.letter)
    show_summary(verdict, mails_per_second(files), folder, console, serve=serve)
    if not verdict.is_good:
        raise DemoError("some mails are missing or wrong; see ✗ above")
