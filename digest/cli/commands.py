"""The commands by name. `digest --help` lists them from a table; a call imports its own alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class Entry(NamedTuple):
    """One command in the table."""

    #: The module in this package, a colon, and its function or group.
    place: str
    #: Its line in `digest --help`: the first paragraph of its own help, word for word.
    summary: str


#: In the order of `digest --help`.
COMMANDS = {
    "init": Entry(
        "init:init",
        "Write a commented configuration with a random key, and create its database.",
    ),
    "collect": Entry(
        "collect:collect",
        "Read every feed and the comments of its recent posts, and store what is new.",
    ),
    "compose": Entry(
        "compose:compose",
        "Make or refresh the draft of the next edition.",
    ),
    "preview": Entry(
        "preview:preview",
        "Write the mail with all categories as .html, .txt and .eml; its personal links are dead.",
    ),
    "check": Entry(
        "check:check",
        "Write every letter of an edition and apply the rules; nothing is stored or sent.",
    ),
    "approve": Entry(
        "approve:approve",
        "Check a draft and approve it exactly as it is;"
        " any change of it or its audience voids that.",
    ),
    "diff": Entry(
        "diff:diff",
        "Say which stories came, went and moved, whose words or pins changed, and the inbox lines.",
    ),
    "send": Entry(
        "send:send",
        "Send an edition: freeze the draft, or go on with one that is half sent.",
    ),
    "test": Entry(
        "try_send:send_test",
        "Send an edition to the given addresses, marked `[Test 14:02]`, its personal links dead.",
    ),
    "pause": Entry(
        "pause:pause",
        "Hold an edition: a draft is not sent, a send stops after the mails in hand.",
    ),
    "resume": Entry(
        "resume:resume",
        "Let a paused edition go on where it stood; `digest run` or `digest send` sends the rest.",
    ),
    "cancel": Entry(
        "cancel:cancel",
        "Give an edition up: nothing more of it is sent, and its posts come with the next one.",
    ),
    "resolve": Entry(
        "resolve:resolve",
        "Settle an edition's `unknown` deliveries: content left, and no answer came.",
    ),
    "plan": Entry(
        "plan:plan",
        "Show the next editions: when, for how many, until when, and what is still missing.",
    ),
    "deliveries": Entry(
        "deliveries:deliveries",
        "Show each edition that one person was sent: its state, the server's reply, and when.",
    ),
    "status": Entry(
        "status:status",
        "Show the editions and feeds, or one edition's account.",
    ),
    "run": Entry(
        "run:run",
        "Collect, compose, send and try again, each in its time, until it is told to stop.",
    ),
    "serve": Entry(
        "serve:serve",
        "Serve the subscribers' pages and, on a listener of its own, the read-only preview.",
    ),
    "demo": Entry(
        "demo:demo",
        "Read an invented paper's feeds, compose, and send 200 mails through a real SMTP server.",
    ),
    "feeds": Entry(
        "feeds:app",
        "The feeds that are read.",
    ),
    "subscribers": Entry(
        "subscribers:app",
        "People and their subscriptions.",
    ),
    "comments": Entry(
        "comments:app",
        "The comments of subscribers.",
    ),
    "config": Entry(
        "configuration:app",
        "The configuration.",
    ),
    "db": Entry(
        "db:app",
        "The database.",
    ),
}


class Commands(TyperGroup):
    """The group of all commands; imports a command only when it is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # These are enough to list and to complete; `resolve_command` replaces the one called.
        self.commands: dict[str, Any] = {
            name: TyperCommand(name, help=entry.summary) for name, entry in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the called command, imported now, and the arguments left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name in COMMANDS else command, rest


def load_command(name: str) -> Any:
    """Import a command of the table and return it."""
    module, _, attribute = COMMANDS[name].place.partition(":")
    found = getattr(import_module(f"digest.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Any = get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        command = get_command(alone)
    command.name = name
    return command
