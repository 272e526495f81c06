"""`digest subscribers`: imports, adds, shows and removes subscribers."""

from __future__ import annotations

import typer

from digest.cli.subscribers import endings, lists, overview, person

app = typer.Typer(help="Manage subscribers and their subscriptions.", no_args_is_help=True)
app.command("import")(lists.import_people)
app.command("add")(person.add)
app.command("export")(lists.export)
app.command("form")(overview.form)
app.command("show")(person.show)
app.command("fields")(overview.list_fields)
app.command("set")(person.set_fields)
app.command("leave")(endings.unsubscribe)
app.command("reasons")(overview.reasons)
app.command("suppress")(endings.suppress_address)
app.command("unsuppress")(endings.unsuppress_address)
app.command("erase")(endings.erase)
