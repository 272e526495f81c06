"""`digest doctor`: examines the installation and says what to mend."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app import parts
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.errors import ExitCode, UsageError
from digest.models.checkups import Checkup, Level
from digest.text.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Findings of these levels end the command with 1.
_BAD = (Level.WARNING, Level.FAULT)
_MAX_MAIL_BYTES = 50 * 1024 * 1024


def doctor(
    context: typer.Context,
    mail: Annotated[
        Path | None,
        typer.Option(
            "--mail",
            metavar="FILE",
            help="Judge a received mail instead: a file with its whole source, or - for standard"
            " input.",
        ),
    ] = None,
    dns: Annotated[
        str, typer.Option("--dns", metavar="ADDRESS", help="DNS server, such as 127.0.0.1:53.")
    ] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave out what needs the network.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Examine the installation and report what to mend.

    Versions, configuration, templates, database, disk, clock, pictures, relays and DNS. Nothing
    is changed, and no mail is sent.

    Exit codes: 1 if there is a warning or a fault.
    """
    found: list[Checkup] = []
    if mail is not None:
        found += parts.doctor.judge_received(_read(mail))
    else:
        run(_collect(config_path(context), dns, found, is_offline=offline))
    if as_json:
        print_json({"ok": not _bad(found), "findings": [asdict(each) for each in found]})
    else:
        _show(found)
    if _bad(found):
        raise typer.Exit(ExitCode.PROBLEMS)


async def _collect(path: Path, dns: str, found: list[Checkup], *, is_offline: bool) -> None:
    found += [each async for each in parts.doctor.examine(path, dns=dns, is_offline=is_offline)]


def _read(path: Path) -> bytes:
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(_MAX_MAIL_BYTES)
        with path.open("rb") as file:
            return file.read(_MAX_MAIL_BYTES)
    except OSError as error:
        raise UsageError(f"--mail {path}: {error.strerror}") from error


def _show(found: list[Checkup]) -> None:
    width = max((len(each.area) for each in found), default=0)
    for each in found:
        say(f"{each.level:<8}{each.area:<{width}}  {each.text}")
        if each.advice:
            say(f"{'':<{8 + width}}  → {each.advice}")
    counts = Counter(each.level for each in found)
    bad = [
        counted(counts[level], word)
        for level, word in ((Level.FAULT, "fault"), (Level.WARNING, "warning"))
        if counts[level]
    ]
    say(f"{' and '.join(bad)} to mend." if bad else "Nothing to mend.")


def _bad(found: Iterable[Checkup]) -> bool:
    return any(each.level in _BAD for each in found)
