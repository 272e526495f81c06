"""`digest diff`: what changed from one edition to another."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from digest.app import App
from digest.cli.choose import named_edition
from digest.cli.options import JsonFlag, NamedEdition, config_path
from digest.cli.output import heading, print_json, say
from digest.composer.compare import Comparison, compare
from digest.composer.edition import edition_from_json
from digest.models import Edition
from digest.pipeline.distribution import general_rule, variant_for


def diff(
    context: typer.Context,
    edition: NamedEdition,
    other: Annotated[int, typer.Argument(metavar="OTHER", help="Id of the later edition.")],
    as_json: JsonFlag = False,
) -> None:
    """Say which stories came, went and moved, whose words or pins changed, and the inbox lines."""
    app = App.load(config_path(context))
    before = edition_from_json(named_edition(app, edition).snapshot)
    after = edition_from_json(named_edition(app, other).snapshot)
    found = compare(before, after)
    lines = _lines(before), _lines(after)
    if as_json:
        print_json(_as_data(found, *lines))
    else:
        _show(found, *lines)


def _lines(edition: Edition) -> dict[str, str]:
    """Give what most subscribers' inbox shows, and the greeting."""
    variant = variant_for(edition, general_rule(edition))
    return {
        "subject": variant.subject if variant else "",
        "preheader": variant.preheader if variant else "",
        "intro": " / ".join(edition.intro),
    }


def _as_data(found: Comparison, before: dict[str, str], after: dict[str, str]) -> dict[str, object]:
    return {
        "is_same": found.is_same and before == after,
        **{line: {"before": before[line], "after": after[line]} for line in before},
        "came": [{"post": story.post_id, "title": story.title} for story in found.came],
        "went": [{"post": story.post_id, "title": story.title} for story in found.went],
        "moved": [asdict(move) for move in found.moved],
        "changed": [asdict(change) for change in found.changed],
    }


def _show(found: Comparison, before: dict[str, str], after: dict[str, str]) -> None:
    if found.is_same and before == after:
        say("The same stories, in the same order and words.")
        return
    for line in before:
        if before[line] != after[line]:
            _say_change(line.capitalize(), before[line], after[line])
    for words, stories in (("Came", found.came), ("Went", found.went)):
        if stories:
            heading(words)
        for story in stories:
            say(f"  {story.title} [{', '.join(story.categories)}]")
    if found.moved:
        heading("Moved")
    for move in found.moved:
        say(f"  {move.title}: from place {move.before} to {move.after}")
    for change in found.changed:
        _say_change(f"{change.title}: {change.what}", change.before, change.after)


def _say_change(what: str, before: str, after: str) -> None:
    heading(what)
    say(f"  - {before or '(nothing)'}")
    say(f"  + {after or '(nothing)'}")
