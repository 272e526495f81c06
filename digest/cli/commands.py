"""The table of commands: `digest --help` reads it, and a call imports only its own command."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class Entry(NamedTuple):
    """One command of the table."""

    #: A module of this package, a colon, and its function or group.
    place: str
    #: The line in `digest --help`, up to 61 characters; the first paragraph of the command's help.
    summary: str


#: In the order of `digest --help`.
COMMANDS = {
    "init": Entry("init:init", "Write a commented configuration and create its database."),
    "collect": Entry("collect:collect", "Fetch every feed and store new posts and comments."),
    "compose": Entry("compose:compose", "Create or update the draft of the next edition."),
    "preview": Entry("preview:preview", "Write an edition's mail as .html, .txt and .eml files."),
    "check": Entry("check:check", "Check every letter of an edition; nothing is sent."),
    "approve": Entry("approve:approve", "Check a draft and approve it for sending."),
    "diff": Entry("diff:diff", "Show what changed from one edition to another."),
    "send": Entry("send:send", "Send an edition to its subscribers; safe to repeat."),
    "test": Entry("try_send:send_test", "Send an edition to the given test addresses only."),
    "pause": Entry("pause:pause", "Pause an edition: no mail is sent until you resume it."),
    "resume": Entry("resume:resume", "Resume a paused edition."),
    "cancel": Entry("cancel:cancel", "Cancel an edition; its posts go into the next one."),
    "resolve": Entry("resolve:resolve", "Settle the unknown deliveries of an edition."),
    "plan": Entry("plan:plan", "Show the next editions and what each still needs."),
    "deliveries": Entry("deliveries:deliveries", "Show what was sent to one subscriber."),
    "status": Entry("status:status", "Show all editions and feeds, or one edition in detail."),
    "run": Entry("run:run", "Collect, compose and send on schedule until stopped."),
    "serve": Entry("serve:serve", "Serve the subscribers' pages and the desk of the editors."),
    "demo": Entry("demo:demo", "Run the demo: an invented paper mailed to 200 subscribers."),
    "feeds": Entry("feeds:app", "Find, add, list and test feeds."),
    "subscribers": Entry("subscribers:app", "Manage subscribers and their subscriptions."),
    "bounces": Entry("bounces:app", "Process bounces, complaints and unsubscribe mails."),
    "comments": Entry(
        "comments:app", "Import comments, release or refuse held ones, exclude people."
    ),
    "admin": Entry("admin:app", "Manage who may sign in at the desk or use the API."),
    "config": Entry("configuration:app", "Check the configuration."),
    "restore": Entry("restore:restore", "Let a restored or copied database send again."),
    "doctor": Entry("doctor:doctor", "Examine the installation and report what to mend."),
    "db": Entry("db:app", "Upgrade the database."),
}


class PlainCommand(TyperCommand):
    """A command whose help shows `EDITION`, where typer shows `{EDITION}` and `EDITION <int>`."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line; an optional argument is in brackets."""
        pieces: list[str] = super().collect_usage_pieces(ctx)
        return [piece.replace("{", "").replace("}", "") for piece in pieces]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the list of arguments, without their types, then the list of options."""
        arguments, options = [], []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and param.param_type_name == "argument":
                arguments.append((record[0].partition(" <")[0], record[1]))
            elif record:
                options.append(record)
        for title, records in (("Arguments", arguments), ("Options", options)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Commands(TyperGroup):
    """The group of all commands; imports a command only when it is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Enough for the list and for completion; `resolve_command` loads the command called.
        self.commands: dict[str, Any] = {
            name: TyperCommand(name, help=entry.summary) for name, entry in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the called command and return it with the remaining arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name in COMMANDS else command, rest


def load_command(name: str) -> Any:
    """Import a command of the table and return it."""
    module, _, attribute = COMMANDS[name].place.partition(":")
    found = getattr(import_module(f"digest.cli.{module}"), attribute)
    is_group = isinstance(found, typer.Typer)
    holder = found if is_group else typer.Typer(add_completion=False)
    if not is_group:
        holder.command(name)(found)
    # Help is plain text: rich reads `[run]` in a text as markup, prints `<bool>` after every flag
    # and does not join the lines of a paragraph.
    holder.rich_markup_mode = None
    for each in holder.registered_commands:
        each.cls = PlainCommand
    command: Any = get_group(holder) if is_group else get_command(holder)
    command.name = name
    return command
