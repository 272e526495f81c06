"""`digest diff`: the changes from one edition to another."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import heading, print_json, say

if TYPE_CHECKING:
    from digest.newsroom.diff import EditionDiff


def diff(
    context: typer.Context,
    edition: NamedEdition,
    other: Annotated[int, typer.Argument(metavar="OTHER", help="ID of the later edition.")],
    as_json: JsonFlag = False,
) -> None:
    """Show what changed from one edition to another.

    Lists stories that were added, removed or moved, changed texts and pins, and changes of the
    subject and preheader.
    """
    found = open_newsroom(context).newsletter_with(edition).diff(edition, other)
    if as_json:
        print_json(_as_data(found))
    else:
        _show(found)


def _as_data(found: EditionDiff) -> dict[str, object]:
    before, after, stories = asdict(found.before), asdict(found.after), found.stories
    return {
        "is_same": found.is_same,
        **{line: {"before": before[line], "after": after[line]} for line in before},
        "came": [{"post": story.post_id, "title": story.title} for story in stories.came],
        "went": [{"post": story.post_id, "title": story.title} for story in stories.went],
        "moved": [asdict(move) for move in stories.moved],
        "changed": [asdict(change) for change in stories.changed],
        "others": found.others,
    }


def _show(found: EditionDiff) -> None:
    if found.is_equal:
        say("No changes: the same stories, order and texts.")
        return
    before, after, changes = asdict(found.before), asdict(found.after), found.stories
    for line in before:
        if before[line] != after[line]:
            _say_change(line.capitalize(), before[line], after[line])
    for words, stories in (("Added", changes.came), ("Removed", changes.went)):
        if stories:
            heading(words)
        for story in stories:
            say(f"  {story.title} [{', '.join(story.categories)}]")
    if changes.moved:
        heading("Moved")
    for move in changes.moved:
        say(f"  {move.title}: from place {move.before} to {move.after}")
    for change in changes.changed:
        _say_change(f"{change.title}: {change.what}", change.before, change.after)
    if found.others:
        heading("Also changed")
    for other in found.others:
        say(f"  {other}")


def _say_change(title: str, before: str, after: str) -> None:
    heading(title)
    say(f"  - {before or '(nothing)'}")
    say(f"  + {after or '(nothing)'}")
