"""`digest comments`: what people wrote under posts, imported from other systems."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode, FeedError, NothingToDo, UsageError

if TYPE_CHECKING:
    from digest.newsroom.import_comments import ImportedComments

app = typer.Typer(help="The comments of subscribers.", no_args_is_help=True)

#: Of a file; a longer one would not fit into the parser's memory.
MAX_BYTES = 100_000_000


@app.command("import")
def import_comments(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="Export of WordPress, Disqus or another system.", exists=True, dir_okay=False
        ),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Bring in comments from an export, under the posts that are stored; twice is once.

    Exit 1: some posts of the file are not stored. Exit 3: none is.
    """
    comments = open_newsroom(context).comments
    if file.stat().st_size > MAX_BYTES:
        raise UsageError(f"{file}: more than {MAX_BYTES // 1_000_000} MB; export in parts")
    try:
        imported = run(comments.import_file(file.read_bytes(), file.name, by=terminal_user()))
    except FeedError as error:
        raise UsageError(f"{file}: {error.reason}") from error
    if as_json:
        print_json(asdict(imported))
    else:
        _show(file, imported)
    if not imported.matched:
        raise NothingToDo(f"{file}: none of its posts is stored; `digest collect` first")
    if imported.matched < imported.threads:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(file: Path, imported: ImportedComments) -> None:
    say(
        f"{file}: {imported.threads} threads, {imported.matched} of posts that are stored;"
        f" {imported.new} new comments, {imported.known} known."
    )
    for name in imported.unmatched:
        say(f"no post: {name}")
    more = imported.threads - imported.matched - len(imported.unmatched)
    if more:
        say(f"and {more} more.")
