"""`digest subscribers add`, `show` and `set`: one subscriber."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.bounce_words import BOUNCES
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say
from digest.cli.subscribers.shared import (
    AddressText,
    ConsentText,
    SourceText,
    show_change,
    split_value,
)


def add(
    context: typer.Context,
    address: AddressText,
    newsletter: NewsletterName = "",
    consent: ConsentText = "",
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this category. Repeatable."),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the subscriber.")] = "",
    source: SourceText = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Value of a field, such as plan=pro. Repeatable."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add one subscriber."""
    outcome = open_newsroom(context).people.add(
        address,
        newsletter,
        consent=consent,
        name=name,
        categories=category or (),
        source=source,
        fields=dict(split_value(each) for each in field or ()),
        by=terminal_user(),
    )
    if as_json:
        print_json({"outcome": outcome, "is_confirmed": bool(consent)})
    else:
        pending = "" if consent else "; stays pending and gets no mail without --consent"
        say(f"{outcome.capitalize()}{pending}.")


def show(context: typer.Context, address: AddressText, as_json: JsonFlag = False) -> None:
    """Show all data of one subscriber (GDPR Article 15)."""
    record = open_newsroom(context).people.show(address)
    person, subscriptions = record.person, record.subscriptions
    if as_json:
        print_json(record.data)
        return
    suppressed = f"; suppressed: {', '.join(person.suppressed)}" if person.suppressed else ""
    say(f"{person.address}, stored since {person.created_at:%Y-%m-%d}{suppressed}")
    for name, value in record.fields.items():
        say(f"{name}: {value}")
    print_table(
        ("newsletter", "state", "categories", "joined", "source", "left", "reason"),
        [
            (
                s.newsletter,
                s.state,
                _shown(s.preferences.categories),
                f"{s.joined_at:%Y-%m-%d}" if s.is_joined_known else "-",
                s.source or "-",
                f"{s.left_at:%Y-%m-%d}" if s.left_at else "-",
                s.left_reason or "-",
            )
            for s in subscriptions
        ],
    )
    if record.bounces:
        print_table(
            ("edition", "bounce", "result", "on", "words of the mail server"),
            [
                (
                    bounce.edition_id or "-",
                    BOUNCES.get(bounce.bounce_class, bounce.bounce_class),
                    bounce.outcome,
                    f"{bounce.at:%Y-%m-%d}",
                    " ".join(bounce.words.split())[:100] or "-",
                )
                for bounce in record.bounces
            ],
        )


def set_fields(
    context: typer.Context,
    address: AddressText,
    values: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE", help="Field and value; `NAME=` removes the value."),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Set fields of one subscriber, such as plan=pro."""
    written = dict(split_value(each) for each in values)
    is_changed = open_newsroom(context).people.set_fields(address, written, by=terminal_user())
    show_change(is_changed, "set", "nothing changed", as_json=as_json)


def _shown(categories: tuple[str, ...]) -> str:
    return ", ".join(categories) or "all"
