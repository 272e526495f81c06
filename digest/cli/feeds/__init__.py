"""`digest feeds`: finds, adds, lists and tests feeds, and imports and exports OPML."""

from __future__ import annotations

import typer

from digest.cli.feeds import add, examine, health, opml

app = typer.Typer(help="Find, add, list and test feeds.", no_args_is_help=True)
app.command("add")(add.add)
app.command("list")(health.list_feeds)
app.command("test")(examine.examine)
app.command("import")(opml.import_opml)
app.command("export")(opml.export_opml)
