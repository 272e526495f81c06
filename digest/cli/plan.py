"""`digest plan`: the next weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.app.composing import audience_of, rules_of, schedules_of
from digest.cli.options import JsonFlag, NewsletterName, config_path
from digest.cli.output import heading, print_json, print_table, say
from digest.config import NewsletterConfig
from digest.errors import Refused
from digest.newsroom.calendar import PlannedEdition, plan_weeks
from digest.newsroom.outlook import PlannedCadence, find_strays, read_cadence
from digest.store.audience_counts import Census, Count, take_census

#: Names that stand for others in examples (RFC 2606 section 3).
_EXAMPLES = ("example.org", "example.com", "example.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """Who a newsletter goes to, and what they chose in vain."""

    newsletter: str
    census: Census
    warnings: tuple[str, ...]


def plan(
    context: typer.Context,
    newsletter: NewsletterName = "",
    weeks: Annotated[int, typer.Option(min=1, max=53, help="How far to look.")] = 4,
    as_json: JsonFlag = False,
) -> None:
    """Show the next editions: when, for how many, until when, and what is still missing."""
    app = App.load(config_path(context))
    wanted = [app.newsletter(newsletter)] if newsletter else app.config.newsletters
    now = utc_now()
    with app.database.read() as connection:
        facts = [
            read_cadence(connection, cadence, now=now)
            for each in wanted
            for cadence in _cadences(app, each)
        ]
        subscribers = [_subscribers(each, take_census(connection, each.name)) for each in wanted]
    planned = plan_weeks(facts, now=now, weeks=weeks)
    blocked = _blocks(app)
    if as_json:
        print_json(
            {
                "editions": [asdict(each) for each in planned],
                "subscribers": [asdict(each) for each in subscribers],
                "missing": blocked,
            }
        )
    else:
        _show(planned, subscribers, blocked)


def _blocks(app: App) -> tuple[str, ...]:
    """Give what the configuration alone says against any send."""
    relays = tuple(
        f"smtp: {relay.host} is the example's relay; name your own"
        for relay in app.config.smtp
        if relay.host.endswith(_EXAMPLES) and not app.is_development
    )
    try:
        app.refuse_unsafe()
    except Refused as refusal:
        return (str(refusal), *relays)
    return relays


def _cadences(app: App, newsletter: NewsletterConfig) -> list[PlannedCadence]:
    return [
        PlannedCadence(
            rules=rules_of(app.config, newsletter, name),
            schedule=schedule,
            audience=audience_of(app.config, newsletter, name, ""),
            is_review_required=newsletter.review == "required",
        )
        for name, schedule in schedules_of(newsletter).items()
    ]


def _subscribers(newsletter: NewsletterConfig, census: Census) -> Subscribers:
    cadences = tuple(newsletter.named_schedules)
    return Subscribers(
        newsletter=newsletter.name,
        census=census,
        warnings=find_strays(census, newsletter.categories, cadences),
    )


def _show(
    planned: Sequence[PlannedEdition], subscribers: Sequence[Subscribers], blocked: Sequence[str]
) -> None:
    print_table(
        (
            "newsletter",
            "when",
            "UTC",
            "edition",
            "subscribers",
            "variants",
            "ends (UTC)",
            "missing",
        ),
        [_row(each) for each in planned],
    )
    for each in subscribers:
        heading(f"Subscribers of {each.newsletter}")
        say(f"  by cadence: {_counts(each.census.cadences, 'the first')}")
        say(f"  by language: {_counts(each.census.languages, 'the newsletter’s')}")
        say(f"  by domain: {_counts(each.census.domains, '-')}")
        for warning in each.warnings:
            say(f"  Warning: {warning}.")
    for block in blocked:
        say(f"Nothing can be sent: {block}.")


def _row(each: PlannedEdition) -> tuple[object, ...]:
    zone = "each subscriber's zone" if each.is_local else each.timezone
    return (
        f"{each.newsletter} ({each.cadence})",
        f"{each.local_at.replace('T', ' ')} {zone}",
        f"{each.due_at:%a %d %b %H:%M}",
        f"{each.edition_id} {each.state}" if each.edition_id else "-",
        each.subscribers,
        f"up to {each.variants}" if each.is_most else each.variants,
        f"{each.ends_at:%a %H:%M}" if each.ends_at else "unknown",
        ", ".join(each.missing) or "-",
    )


def _counts(counts: Sequence[Count], unnamed: str) -> str:
    return ", ".join(f"{each.value or unnamed} {each.subscribers}" for each in counts) or "nobody"
