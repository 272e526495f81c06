"""`digest init`: from the address of a site to a configuration and a first edition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.app import parts
from digest.cli.browser import open_page
from digest.cli.door import load_app
from digest.cli.feeds.address import typed_categories
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.cli.setup.answers import Answers, Given, collect_answers
from digest.cli.setup.asking import Asker, is_terminal
from digest.cli.setup.first_edition import FirstEdition, make_first_edition
from digest.cli.setup.relay import GivenRelay
from digest.errors import ExitCode

_Texts = list[str] | None


def init(
    context: typer.Context,
    site: Annotated[
        str, typer.Argument(metavar="SITE", help="Address of your site, or of its feed.")
    ] = "",
    feed: Annotated[
        _Texts, typer.Option(metavar="URL", help="A feed, if the site has several. Repeatable.")
    ] = None,
    category: Annotated[
        _Texts, typer.Option(metavar="NAME", help="Section for the posts. Repeatable.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="Name of the publisher.")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="Title of the newsletter.")] = "",
    public_url: Annotated[
        str,
        typer.Option(metavar="URL", help="Address for the subscribers' pages of `digest serve`."),
    ] = "",
    postal_address: Annotated[
        str, typer.Option(metavar="TEXT", help="Postal address, printed in every mail.")
    ] = "",
    sender: Annotated[
        str, typer.Option("--from", metavar="ADDRESS", help="Sender: a name and an address.")
    ] = "",
    schedule: Annotated[
        str, typer.Option(metavar="WHEN", help="Day and time, such as 'Mon 07:00'.")
    ] = "",
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="Time zone. Default: that of this machine.")
    ] = "",
    relay: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="Mail relay. It may be named later.")
    ] = "",
    relay_security: Annotated[
        str,
        typer.Option(metavar="KIND", help="starttls, tls or none. Default: fits the port."),
    ] = "",
    relay_user: Annotated[str, typer.Option(metavar="NAME", help="User name at the relay.")] = "",
    relay_password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File with the password for the relay.")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask/--no-input", help="Ask for what is missing, on a terminal.")
    ] = True,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the first edition in the browser.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a commented configuration and create its database.

    Finds the feed of SITE, collects its posts, composes a first edition and opens it in the
    browser. On a terminal, asks for everything that is not given; elsewhere, what is missing stays
    a placeholder, which `digest config check` names. Nothing is mailed. Nothing is written before
    the last question is answered.

    The configuration gets a random signing key; with --force, it keeps the keys it had. It is
    written to the file of `digest --config`.

    Exit codes: 1 if no feed is found or it cannot be read; 2 if the file exists and --force is not
    given, or if an option is wrong.
    """
    path = config_path(context)
    if not force:
        parts.setup.refuse_existing(path)
    given = Given(
        site=site,
        feeds=tuple(feed or ()),
        categories=typed_categories(category),
        name=name,
        title=title,
        base_url=public_url,
        postal_address=postal_address,
        sender=sender,
        schedule=schedule,
        timezone=time_zone,
        relay=GivenRelay(
            place=relay,
            security=relay_security,
            username=relay_user,
            password_file=_beside(path, relay_password_file),
        ),
    )
    is_asking = ask and not as_json and is_terminal()
    with parts.setup.before_setup() as app:
        asker = Asker(app=app, is_asking=is_asking, is_quiet=as_json)
        answers = collect_answers(asker, given)
    database = parts.setup.set_up(path, answers.setup, password=answers.password)
    if not as_json:
        say(f"Wrote {path} and {database}.")
    first = None
    if answers.setup.feeds:
        first = make_first_edition(load_app(path), path.parent, answers.setup, is_quiet=as_json)
    _report(path, database, answers, first, as_json=as_json)
    if first and first.html and show and not as_json:
        open_page(Path(first.html))
    if first and first.is_in_trouble:
        raise typer.Exit(ExitCode.PROBLEMS)


def _beside(path: Path, file: Path | None) -> str:
    """Return a file's name as the configuration has it: relative to its folder if it is there."""
    if file is None:
        return ""
    folder, wanted = path.absolute().parent, file.absolute()
    return str(wanted.relative_to(folder) if wanted.is_relative_to(folder) else wanted)


def _report(
    path: Path, database: str, answers: Answers, first: FirstEdition | None, *, as_json: bool
) -> None:
    to_do = parts.config_file.check(path).findings
    if as_json:
        print_json(
            {
                "config": str(path),
                "database": database,
                "feeds": [each.url for each in answers.setup.feeds],
                "first_edition": first,
                "to_do": to_do,
            }
        )
        return
    if first is None:
        say("Next: edit the configuration, then run `digest config check`.")
        return
    if first.subject:
        say(f"{first.what}: {first.subject}")
        say(f"  {first.html}")
    else:
        say(f"No edition yet: {first.what}")
    for line in to_do:
        say(f"To do: {line}")
    if to_do:
        say(f"Next: edit {path}, then run `digest config check`.")
    else:
        say("Next: run `digest subscribers add ADDRESS`, then `digest run --serve`.")
