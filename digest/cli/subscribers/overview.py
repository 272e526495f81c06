"""`digest subscribers form`, `fields` and `reasons`: what subscribers are asked, and answered."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import print_json, print_table, say


def form(
    context: typer.Context,
    newsletter: NewsletterName = "",
    source: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Name of the form, stored with each subscriber who signs up by it.",
        ),
    ] = "",
    language: Annotated[
        str,
        typer.Option(metavar="TAG", help="Language of its words. Default: the newsletter's."),
    ] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An editable field to ask for. Repeatable."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print a sign-up form in HTML to paste into another site.

    It works without a script. Its last lines, a comment, show how a program signs people up
    instead. Everybody who signs up gets a mail that asks for a confirmation.
    """
    written = open_newsroom(context).people.write_form(
        newsletter, source=source, language=language, fields=field or ()
    )
    if as_json:
        print_json(asdict(written))
        return
    sent = json.dumps(written.example, ensure_ascii=False)
    comment = (
        "<!-- For a program on a server, or in a browser on any site: the answer is 202.",
        f"     curl -H 'Content-Type: application/json' -d '{sent}' {written.api_url} -->",
    )
    for line in (*written.html.splitlines(), *comment):
        say(line)


def list_fields(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List the fields of subscribers, with the number who have each.

    The configuration defines them, in its tables `fields`.
    """
    found = open_newsroom(context).people.list_fields()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    if not found:
        say("No fields. Define them in [[fields]] of the configuration.")
    print_table(
        ("name", "label", "kind", "subscribers", "values"),
        [
            (
                each.name,
                each.label,
                each.kind if each.is_configured else "no longer in [[fields]]",
                each.people,
                ", ".join(f"{value} {count}" for value, count in each.by_choice.items()) or "-",
            )
            for each in found
        ],
    )


def reasons(
    context: typer.Context, newsletter: NewsletterName = "", as_json: JsonFlag = False
) -> None:
    """Show the reasons that subscribers gave for leaving."""
    given = open_newsroom(context).people.reasons(newsletter)
    if as_json:
        print_json([asdict(each) for each in given])
        return
    if not given:
        say("No subscriber has given a reason.")
    print_table(("reason", "subscribers"), Counter(each.reason for each in given).most_common())
    print_table(
        ("left", "reason", "in their words"),
        [(f"{each.left_at:%Y-%m-%d}", each.reason, each.words) for each in given if each.words],
    )
