"""`digest plan`: the editions of the next weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import heading, print_json, print_table, say, warn_without_category
from digest.cli.waiting import waiting_line

if TYPE_CHECKING:
    from digest.newsroom.plan import Count, Plan, PlannedEdition


def plan(
    context: typer.Context,
    newsletter: NewsletterName = "",
    weeks: Annotated[
        int, typer.Option(min=1, max=53, metavar="N", help="Number of weeks to show.")
    ] = 4,
    as_json: JsonFlag = False,
) -> None:
    """Show the next editions and what each still needs.

    Each row has the date, the number of subscribers, the expected end of the send, and anything
    that is still missing.
    """
    newsroom = open_newsroom(context)
    found = newsroom.newsletter(newsletter).plan(weeks) if newsletter else newsroom.plan(weeks)
    if as_json:
        print_json(
            {
                "editions": [asdict(each) for each in found.editions],
                "subscribers": [asdict(each) for each in found.audiences],
                "missing": found.blocked,
                "repeated_polls": found.repeated_polls,
            }
        )
    else:
        _show(found)


def _show(found: Plan) -> None:
    print_table(
        (
            "newsletter",
            "due",
            "due (UTC)",
            "edition",
            "subscribers",
            "variants",
            "ends (UTC)",
            "missing",
        ),
        [_row(each) for each in found.editions],
    )
    for each in found.audiences:
        heading(f"Subscribers of {each.newsletter}")
        say(f"  by cadence: {_counts(each.census.cadences, 'first cadence')}")
        say(f"  by language: {_counts(each.census.languages, 'newsletter’s language')}")
        if any(count.value for count in each.census.sources):
            say(f"  by source: {_counts(each.census.sources, 'not known')}")
        say(f"  by domain: {_counts(each.census.domains, '-')}")
        if each.left_out.subscribers:
            reasons = ", ".join(f"{key} {count}" for key, count in each.left_out.by_condition)
            say(f"  left out by [newsletters.audience]: {each.left_out.subscribers} ({reasons})")
        for warning in each.warnings:
            say(f"  Warning: {warning}.")
        warn_without_category(each.newsletter, each.without_category)
        for waiting in each.waiting:
            say(f"  Warning: {waiting_line(waiting)}.")
    for repeated in found.repeated_polls:
        say(f"Note: {repeated}.")
    for block in found.blocked:
        say(f"Cannot send: {block}.")


def _row(each: PlannedEdition) -> tuple[object, ...]:
    zone = "each subscriber's zone" if each.is_local else each.timezone
    if each.is_used:
        return (
            f"{each.newsletter} ({each.shown_cadence})",
            f"{each.local_at.replace('T', ' ')} {zone}",
            f"{each.due_at:%a %d %b %H:%M}",
            f"{each.edition_id} {each.state}",
            *("-", "-", "-"),
            "used: sent before its hour",
        )
    return (
        f"{each.newsletter} ({each.shown_cadence})",
        f"{each.local_at.replace('T', ' ')} {zone}",
        f"{each.due_at:%a %d %b %H:%M}",
        f"{each.edition_id} {each.state}" if each.edition_id else "-",
        each.subscribers,
        f"up to {each.variants}" if each.is_most else each.variants,
        f"{each.ends_at:%a %H:%M}" if each.ends_at else "unknown",
        ", ".join(each.missing) or "-",
    )


def _counts(counts: Sequence[Count], unnamed: str) -> str:
    return ", ".join(f"{each.value or unnamed} {each.subscribers}" for each in counts) or "none"
