"""`digest backup`: writes a verified copy of the database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.files import refuse_output
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import UsageError
from digest.newsroom import use_cases
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.backup import Backup


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="File to write. Default: a new one in [backup] folder."
        ),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only read a backup and check that it is sound."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a verified copy of the database.

    Other processes can go on working, also a send. In [backup] folder only the newest copies are
    kept. The configuration, with its secret keys, is not in the copy: back it up as well.
    """
    if file is not None and verify is not None:
        raise UsageError("give FILE or --verify FILE")
    if verify is not None:
        done = use_cases.backup.verify(verify)
    else:
        refuse_output(file, "a backup is read again after it was written")
        done = open_newsroom(context).back_up(file, by=terminal_user())
    if as_json:
        print_json(asdict(done))
    else:
        _show(done)


def _show(done: Backup) -> None:
    rows = ", ".join(f"{table}: {count}" for table, count in done.counts.items())
    say(f"{done.path}: sound, {done.size:,} bytes, schema {done.schema}; {rows}.")
    if done.deleted:
        say(f"Older copies deleted: {counted(len(done.deleted), 'file')}.")
