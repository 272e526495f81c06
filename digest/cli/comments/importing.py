"""`digest comments import`: imports comments from other systems."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.files import open_input
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode, FeedError, NothingToDo, UsageError
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.import_comments import ImportedComments

#: Limit for a file; a larger one would not fit into the parser's memory.
MAX_BYTES = 100 << 20


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
    with open_input(file, most=MAX_BYTES) as stream:
        body = stream.read()
    try:
        imported = run(comments.import_file(body, file.name, by=terminal_user()))
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
