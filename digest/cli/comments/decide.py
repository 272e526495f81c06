"""`digest comments release|refuse|reset`: stores an editor's decisions about comments."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.moderation import Decided

CommentIds = Annotated[
    list[int], typer.Argument(metavar="ID...", help="Comment IDs; see `digest comments held`.")
]


def release(context: typer.Context, comments: CommentIds, as_json: JsonFlag = False) -> None:
    """Allow held or refused comments to be quoted.

    They compete with the other comments of their post. If the name or the text of a released
    comment changes, it is held again.
    """
    decided = open_newsroom(context).comments.release(comments, by=terminal_user())
    show_decided(
        decided,
        f"Released: {counted(len(decided.comments), 'comment')}."
        " To quote them in a draft, run `digest compose`.",
        as_json=as_json,
    )


def refuse(context: typer.Context, comments: CommentIds, as_json: JsonFlag = False) -> None:
    """Never quote comments, and take them out of every draft."""
    decided = open_newsroom(context).comments.refuse(comments, by=terminal_user())
    show_decided(decided, f"Refused: {counted(len(decided.comments), 'comment')}.", as_json=as_json)


def reset(context: typer.Context, comments: CommentIds, as_json: JsonFlag = False) -> None:
    """Forget the decisions about comments.

    They are judged by the rules again.
    """
    decided = open_newsroom(context).comments.take_back(comments, by=terminal_user())
    show_decided(
        decided,
        f"No decision any more: {counted(len(decided.comments), 'comment')}.",
        as_json=as_json,
    )


def show_decided(decided: Decided, line: str, *, as_json: bool) -> None:
    """Print what a decision changed."""
    if as_json:
        print_json(asdict(decided))
        return
    say(line)
    for edition_id in decided.changed:
        void = (
            f"; its approval is void: run `digest approve {edition_id}` again"
            if edition_id in decided.void
            else ""
        )
        say(f"Edition {edition_id}: taken out of the draft{void}.")
