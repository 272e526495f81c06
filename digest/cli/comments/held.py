"""`digest comments held`: the comments that an editor is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import heading, print_json, say, say_item
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom import Newsroom
    from digest.newsroom.held_comments import HeldComment, HeldPage

#: Characters shown of a comment of which nothing would be printed.
_MAX_SHOWN = 120


def list_held(
    context: typer.Context,
    newsletter: Annotated[
        str,
        typer.Option(
            "--newsletter", "-n", metavar="NAME", help="Newsletter name. Default: all newsletters."
        ),
    ] = "",
    every: Annotated[
        bool,
        typer.Option("--all", help="Also list older posts, and comments already decided about."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the comments that wait for an editor.

    These are held comments, and those refused only for their form or for one mild word, below the
    posts of the next editions.
    """
    newsroom = open_newsroom(context)
    names = [newsletter] if newsletter else [each.name for each in newsroom.newsletters]
    pages = (page for name in names for page in _read_pages(newsroom, name, is_all=every))
    if as_json:
        print_json(
            {
                "comments": [
                    {"newsletter": page.newsletter, **asdict(comment)}
                    for page in pages
                    for comment in page.comments
                ]
            }
        )
    else:
        _show(pages)


def _read_pages(newsroom: Newsroom, name: str, *, is_all: bool) -> Iterator[HeldPage]:
    after = None
    while True:
        page = newsroom.comments.held(name, after=after, is_all=is_all)
        yield page
        after = page.after
        if after is None:
            return


def _show(pages: Iterator[HeldPage]) -> None:
    count = 0
    for name, same in groupby(pages, key=lambda page: page.newsletter):
        comments = (comment for page in same for comment in page.comments)
        for _, under in groupby(comments, key=lambda comment: comment.post_id):
            for at, comment in enumerate(under):
                if not at:
                    heading(f"{comment.post_title or comment.post_url} ({name})")
                _show_comment(comment)
                count += 1
    if not count:
        say("No comment waits for an editor.")
        return
    say(
        f"{counted(count, 'comment')}. To decide: `digest comments release ID`,"
        " `digest comments refuse ID`."
    )


def _show_comment(comment: HeldComment) -> None:
    day = f", {comment.posted_at:%Y-%m-%d}" if comment.posted_at else ""
    said = comment.printed or _shorten(comment.text)
    say_item(f"{comment.id}  {comment.name or 'no name'}{day}: “{said}”")
    state = comment.decision or ("held" if comment.is_held else "borderline")
    say_item(f"{state}: {comment.reason}" if comment.reason else f"{state}", first="      ")


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}…"
