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
from digest.pipeline.prepare import everybody, plan


def diff(
    context: typer.Context,
    edition: NamedEdition,
    other: Annotated[int, typer.Argument(metavar="OTHER", help="Id of the later edition.")],
    as_json: JsonFlag = False,
) -> None:
    """Say which stories came, went and moved, whose words changed, and how the subject did."""
    app = App.load(config_path(context))
    before = edition_from_json(named_edition(app, edition).snapshot)
    after = edition_from_json(named_edition(app, other).snapshot)
    found = compare(before, after)
    subjects = _subject(before), _subject(after)
    if as_json:
        print_json(_as_data(found, subjects))
    else:
        _show(found, subjects)


def _subject(edition: Edition) -> str:
    variant = plan(edition, everybody(edition))
    return variant.subject if variant else ""


def _as_data(found: Comparison, subjects: tuple[str, str]) -> dict[str, object]:
    return {
        "is_same": found.is_same and subjects[0] == subjects[1],
        "subject": {"before": subjects[0], "after": subjects[1]},
        "came": [{"post": story.post_id, "title": story.title} for story in found.came],
        "went": [{"post": story.post_id, "title": story.title} for story in found.went],
        "moved": [asdict(move) for move in found.moved],
        "changed": [asdict(change) for change in found.changed],
    }


def _show(found: Comparison, subjects: tuple[str, str]) -> None:
    if found.is_same and subjects[0] == subjects[1]:
        say("The same stories, in the same order and words.")
        return
    if subjects[0] != subjects[1]:
        _say_change("Subject", *subjects)
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
