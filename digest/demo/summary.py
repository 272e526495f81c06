"""Prints the summary at the end of the demo: the mails, their content, and the files."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from digest.demo.folder import DemoFolder
from digest.demo.verdict import Verdict
from digest.text.counted import counted

#: The maximum number of problems of one kind that are printed.
_NAMED = 3


def show_summary(
    verdict: Verdict, rate: float | None, folder: DemoFolder, console: Console, *, serve: bool
) -> None:
    """Print the result of the checks and the paths of the files.

    Args:
        verdict: the result of the checks.
        rate: the mails per second; None if it is not known.
        folder: the files of the run.
        console: the console to print to.
        serve: whether the pages are served after this.
    """
    console.print("\n[bold]Mails that arrived[/]")
    speed = f", {rate:,.0f} mails per second" if rate else ""
    mails, people = counted(verdict.mails, "mail"), counted(verdict.people, "subscriber")
    console.print(f"  {mails} to {people}{speed}", highlight=False)
    _show_check(console, "every subscriber got a mail", verdict.missed)
    _show_check(console, "no subscriber got two", verdict.doubled)
    _show_check(console, "no mail to a person who did not sign up", verdict.strangers)
    _show_check(console, "only sections that the subscriber chose", verdict.unasked)
    _show_check(console, "no shortcode, pingback, spam or rude comment", verdict.leaks)
    console.print(
        "\n[bold]Articles in the mails[/] (see `digest compose --explain` above for the reasons)"
    )
    console.print(_articles(verdict))
    _show_paths(folder, console)
    if not serve:
        console.print(
            "\nOpen the first file in a browser. `digest demo --serve` (`make demo SERVE=1`)"
            "\nalso keeps the paper, the desk and an inbox page running, so that every"
            "\nlink works.",
            highlight=False,
        )


def mails_per_second(files: tuple[Path, ...]) -> float | None:
    """Return the rate of arrival from the times of the files; None for fewer than two times."""
    times = sorted(file.stat().st_mtime for file in files)
    return (len(times) - 1) / (times[-1] - times[0]) if len(set(times)) > 1 else None


def _show_check(console: Console, rule: str, problems: tuple[str, ...]) -> None:
    if not problems:
        console.print(f"  [green]✓[/] {rule}")
        return
    named = "; ".join(problems[:_NAMED])
    console.print(f"  [bold red]✗ {rule}[/]: {len(problems)} ({escape(named)})", soft_wrap=True)


def _articles(verdict: Verdict) -> Table:
    table = Table(box=None, pad_edge=True, header_style="bold")
    table.add_column("mails", justify="right")
    table.add_column("comments", justify="right")
    table.add_column("section")
    table.add_column("article")
    for article, mails in verdict.articles:
        sections = ", ".join(article.sections)
        table.add_row(str(mails), str(article.comment_count), sections, escape(article.title))
    return table


def _show_paths(folder: DemoFolder, console: Console) -> None:
    paths = (
        ("One mail", folder.letter / "mail.html"),
        ("Its text part", folder.letter / "mail.txt"),
        ("As it arrived", folder.letter / "mail.eml"),
        ("All mails", folder.mailbox),
        ("The preview", folder.preview),
        ("Configuration", folder.config),
    )
    console.print("\n[bold]Files[/]")
    for label, path in paths:
        console.print(f"  {label:16} {escape(str(path))}", soft_wrap=True, highlight=False)
