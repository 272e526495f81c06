"""`digest comments never-quote|quote-again|never-quoted`: people who are not quoted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.comments.decide import show_decided
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say

PersonName = Annotated[
    str, typer.Argument(metavar="NAME", help="Name as the site shows it; case does not matter.")
]
OneNewsletter = Annotated[
    str,
    typer.Option(
        "--newsletter", "-n", metavar="NAME", help="Newsletter name. Default: all newsletters."
    ),
]


def never_quote(
    context: typer.Context,
    name: PersonName,
    newsletter: OneNewsletter = "",
    as_json: JsonFlag = False,
) -> None:
    """Never quote a person.

    The person's comments are taken out of every draft.

    Exit codes: 3 if the person is already excluded.
    """
    decided = open_newsroom(context).comments.never_quote(name, newsletter, by=terminal_user())
    line = f"Never quoted{_where(newsletter)}: {name.strip()}."
    show_decided(decided, line, as_json=as_json)


def quote_again(context: typer.Context, name: PersonName, newsletter: OneNewsletter = "") -> None:
    """Allow an excluded person to be quoted again.

    Exit codes: 3 if the person was not excluded.
    """
    open_newsroom(context).comments.quote_again(name, newsletter, by=terminal_user())
    say(f"May be quoted again{_where(newsletter)}: {name.strip()}.")


def never_quoted(
    context: typer.Context, newsletter: OneNewsletter = "", as_json: JsonFlag = False
) -> None:
    """List the people who are never quoted."""
    people = open_newsroom(context).comments.never_quoted(newsletter or None)
    if as_json:
        print_json({"people": [asdict(each) for each in people]})
        return
    if not people:
        say("Nobody is excluded.")
    print_table(
        ("name", "newsletter", "since", "by"),
        [
            (
                each.name,
                each.newsletter or "all",
                f"{each.added_at:%Y-%m-%d}" if each.added_at else "",
                each.added_by or "the configuration (no_quote)",
            )
            for each in people
        ],
    )


def _where(newsletter: str) -> str:
    return f" in {newsletter}" if newsletter else ""
