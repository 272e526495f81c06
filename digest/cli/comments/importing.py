"""`digest comments import`: imports comments from other systems."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode, FeedError, NothingToDo, UsageError
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.import_comments import ImportedComments

#: Limit for a file; a larger one would not fit into the parser's memory.
MAX_BYTES = 100_000_000


def import_comments(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Export file of WordPress, Disqus or another system.",
            exists=True,
            dir_okay=False,
        ),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Import comments from an export file of another system.

    Comments are added to posts that are already stored. Importing a file again is safe.

    Exit codes: 1 if some posts of the file are not stored, 3 if none of them is.
    """
    comments = open_newsroom(context).comments
    if file.stat().st_size > MAX_BYTES:
        raise UsageError(
            f"{file}: larger than {MAX_BYTES // 1_000_000} MB; split the export into smaller files"
        )
    try:
        imported = run(comments.import_file(file.read_bytes(), file.name, by=terminal_user()))
    except FeedError as error:
        raise UsageError(f"{file}: {error.reason}") from error
    if as_json:
        print_json(asdict(imported))
    else:
        _show(file, imported)
    if not imported.matched:
        raise NothingToDo(f"{file}: none of its posts is stored; run `digest collect` first")
    if imported.matched < imported.threads:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(file: Path, imported: ImportedComments) -> None:
    say(
        f"{file}: {counted(imported.threads, 'thread')}, {imported.matched} of stored posts;"
        f" {counted(imported.new, 'new comment')}, {imported.known} already stored."
    )
    for name in imported.unmatched:
        say(f"Post not stored: {name}")
    more = imported.threads - imported.matched - len(imported.unmatched)
    if more:
        say(f"and {more} more.")
