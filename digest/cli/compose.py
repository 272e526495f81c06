"""`digest compose`: from the new posts to a draft."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.cli.options import JsonFlag, NewsletterName, config_path
from digest.cli.output import heading, print_json, print_table, say
from digest.composer.edition import edition_to_json
from digest.errors import UsageError
from digest.models import Edition, Story
from digest.pipeline.compose import Draft
from digest.pipeline.compose import compose as compose_draft

_SHOWN_TEXT = 60


def compose(
    context: typer.Context,
    newsletter: NewsletterName = "",
    cadence: Annotated[str, typer.Option(help="Which cadence; the first by default.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each post and comment is in or out.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make or refresh the draft of the next edition.

    Exit 3: nothing new, no edition.
    """
    app = App.load(config_path(context))
    chosen = app.newsletter(newsletter)
    rules = app.rules(chosen, cadence)
    schedule = app.schedules(chosen).get(rules.cadence)
    if schedule is None:
        known = ", ".join(chosen.named_schedules)
        raise UsageError(f"{chosen.name} has no cadence {cadence!r}; it has {known}")
    draft = compose_draft(
        app.database, rules, schedule, now=utc_now(), max_window=chosen.max_window
    )
    if as_json:
        print_json(_as_data(draft))
        return
    edition = draft.edition
    say(
        f"Edition {draft.edition_id}: {edition.title} No. {edition.number},"
        f" {len(edition.stories)} stories, for {edition.slot.replace('T', ' ')} {edition.timezone}"
        f"{'' if draft.is_changed else ' (unchanged)'}."
    )
    if explain:
        _explain(edition)
    say("Next: `digest preview`, `digest check`, `digest send`.")


def _as_data(draft: Draft) -> dict[str, object]:
    return {
        "edition": draft.edition_id,
        "content_hash": draft.content_hash,
        "is_changed": draft.is_changed,
        "snapshot": json.loads(edition_to_json(draft.edition)),
    }


def _explain(edition: Edition) -> None:
    heading("Stories, in rank order")
    for place, story in enumerate(edition.stories, 1):
        _explain_story(place, story)
    if edition.omitted:
        heading("Left out")
    print_table(
        ("post", "why"), [(omission.title, omission.reason.text) for omission in edition.omitted]
    )


def _explain_story(place: int, story: Story) -> None:
    say(f"{place}. {story.title} [{', '.join(story.categories)}]")
    say(f"   {story.reason.text}")
    for reason in story.mended:
        say(f"   left out: {reason.text} ({reason.code})")
    for quote in story.quotes:
        say(f"   quoted: {quote.name}: {_short(quote.text)} ({quote.reason.text})")
    for omission in story.not_quoted:
        say(f"   not quoted: {omission.name}: {_short(omission.text)} ({omission.reason.text})")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT].rstrip()}…"
