"""`digest comments`: what subscribers wrote, brought in from elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.errors import ExitCode, FeedError, NothingToDo, UsageError
from digest.newsroom.import_comments import BroughtComments, bring_comments
from digest.readers.parsing.pool import ParserPool

app = typer.Typer(help="The comments of subscribers.", no_args_is_help=True)

#: Of a file; a longer one would not fit into the parser's memory.
MAX_BYTES = 100_000_000
#: For reading one.
_DEADLINE_S = 300


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
    digest = App.load(config_path(context))
    if file.stat().st_size > MAX_BYTES:
        raise UsageError(f"{file}: more than {MAX_BYTES // 1_000_000} MB; export in parts")
    try:
        brought = run(_bring(digest, file.name, file.read_bytes()))
    except FeedError as error:
        raise UsageError(f"{file}: {error.reason}") from error
    if as_json:
        print_json(asdict(brought))
    else:
        _show(file, brought)
    if not brought.matched:
        raise NothingToDo(f"{file}: none of its posts is stored; `digest collect` first")
    if brought.matched < brought.threads:
        raise typer.Exit(ExitCode.PROBLEMS)


async def _bring(digest: App, name: str, body: bytes) -> BroughtComments:
    async with ParserPool(workers=1, deadline_s=_DEADLINE_S) as pool:
        return await bring_comments(digest.database, pool, body, name, now=utc_now())


def _show(file: Path, brought: BroughtComments) -> None:
    say(
        f"{file}: {brought.threads} threads, {brought.matched} of posts that are stored;"
        f" {brought.new} new comments, {brought.known} known."
    )
    for name in brought.unmatched:
        say(f"no post: {name}")
    more = brought.threads - brought.matched - len(brought.unmatched)
    if more:
        say(f"and {more} more.")
