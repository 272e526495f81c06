"""The options of `digest subscribers`, and the words of its results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from digest.cli.output import print_json, say
from digest.errors import UsageError

AddressText = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="Mail address of the subscriber.")
]
ConsentText = Annotated[
    str,
    typer.Option(
        "--consent",
        metavar="TEXT",
        help="Record of the consent, or where it is kept. Without it the subscription"
        " stays pending and gets no mail.",
    ),
]
SourceText = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="NAME",
        help="Where new subscribers come from, such as `spring fair`; for the plan and segments.",
    ),
]


def split_value(choice: str) -> tuple[str, str]:
    """Return the name and the value of `NAME=VALUE`.

    Raises:
        UsageError: it has another form.
    """
    name, mark, value = choice.partition("=")
    if not mark or not name.strip():
        raise UsageError(f"{choice!r}: must be NAME=VALUE, such as plan=pro")
    return name.strip(), value


def joined(counts: Iterable[tuple[str, int]]) -> str:
    """Return counts in words, such as `3 added, 1 refused`."""
    return ", ".join(f"{count} {outcome}" for outcome, count in counts if count) or "0 rows"


def show_change(is_changed: bool, done: str, otherwise: str, *, as_json: bool) -> None:
    """Print whether one subscriber was changed."""
    if as_json:
        print_json({"is_changed": is_changed})
    else:
        say(f"{done if is_changed else otherwise}.".capitalize())
