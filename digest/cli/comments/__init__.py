"""`digest comments`: imports comments, lists held ones, and stores editors' decisions."""

from __future__ import annotations

import typer

from digest.cli.comments import decide, held, importing, people

app = typer.Typer(
    help="Import comments, release or refuse held ones, exclude people.", no_args_is_help=True
)
app.command("import")(importing.import_comments)
app.command("held")(held.list_held)
app.command("release")(decide.release)
app.command("refuse")(decide.refuse)
app.command("reset")(decide.reset)
app.command("never-quote")(people.never_quote)
app.command("quote-again")(people.quote_again)
app.command("never-quoted")(people.never_quoted)
