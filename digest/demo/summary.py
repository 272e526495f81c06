"""What the demo says at its end: what arrived, what was in it, where to look."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from digest.demo.folder import DemoFolder
from digest.demo.verdict import Verdict

#: How many faults of a kind are named.
_NAMED = 3


def show_summary(
    verdict: Verdict, rate: float | None, folder: DemoFolder, console: Console
) -> None:
    """Print the verdict over the mailbox and the places of the files.

    Args:
        verdict: what was found.
        rate: mails per second; None where it cannot be told.
        folder: what the run wrote.
        console: where to print.
    """
    console.print("\n[bold]What arrived[/]")
    speed = f", {rate:,.0f} mails per second" if rate else ""
    console.print(f"  {verdict.mails} mails to {verdict.people} people{speed}", highlight=False)
    _show_check(console, "everybody got one", verdict.missed)
    _show_check(console, "nobody got two", verdict.doubled)
    _show_check(console, "nobody who did not sign up", verdict.strangers)
    _show_check(console, "only sections that the subscriber chose", verdict.unasked)
    _show_check(console, "no shortcode, pingback, spam or rude comment", verdict.leaks)
    console.print("\n[bold]What was in it[/] (`digest compose --explain` above says why)")
    console.print(_articles(verdict))
    _show_places(folder, console)


def mails_per_second(files: tuple[Path, ...]) -> float | None:
    """Give the pace of arrival from the times of the files; None for fewer than two."""
    times = sorted(file.stat().st_mtime for file in files)
    return (len(times) - 1) / (times[-1] - times[0]) if len(set(times)) > 1 else None


def _show_check(console: Console, what: str, faults: tuple[str, ...]) -> None:
    if not faults:
        console.print(f"  [green]✓[/] {what}")
        return
    named = "; ".join(faults[:_NAMED])
    console.print(f"  [bold red]✗ {what}[/]: {len(faults)} ({escape(named)})", soft_wrap=True)


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


def _show_places(folder: DemoFolder, console: Console) -> None:
    places = (
        ("One mail opened", folder.letter / "mail.html"),
        ("its text part", folder.letter / "mail.txt"),
        ("as it arrived", folder.letter / "mail.eml"),
        ("All mails", folder.mailbox),
        ("The preview", folder.preview),
        ("The settings", folder.config),
    )
    console.print("\n[bold]Where it lies[/]")
    for what, place in places:
        console.print(f"  {what:16} {escape(str(place))}", soft_wrap=True, highlight=False)
    console.print(
        "\nOpen the first in a browser. `digest demo --serve` (`make demo SERVE=1`) keeps the"
        "\npaper, the preview and an inbox page up as well, so that every link and picture works.",
        highlight=False,
    )
