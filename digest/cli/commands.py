"""The commands by name, each imported only when it is called: together they take a second."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

#: In the order of `digest --help`: the module here, and its function or group.
COMMANDS = {
    "init": "init:init",
    "collect": "collect:collect",
    "compose": "compose:compose",
    "preview": "preview:preview",
    "check": "check:check",
    "approve": "approve:approve",
    "diff": "diff:diff",
    "send": "send:send",
    "test": "try_send:send_test",
    "pause": "pause:pause",
    "resume": "resume:resume",
    "cancel": "cancel:cancel",
    "resolve": "resolve:resolve",
    "plan": "plan:plan",
    "deliveries": "deliveries:deliveries",
    "status": "status:status",
    "run": "run:run",
    "serve": "serve:serve",
    "demo": "demo:demo",
    "feeds": "feeds:app",
    "subscribers": "subscribers:app",
    "comments": "comments:app",
    "config": "configuration:app",
    "db": "db:app",
}


class Commands(TyperGroup):
    """The group of all commands; `--help` imports every one, a call its own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as the base has it
        """Give a command, imported by now; None where there is none of that name."""
        if cmd_name in self.commands and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _load(cmd_name)
        return self.commands.get(cmd_name)


def _load(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(f"digest.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Any = get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        command = get_command(alone)
    command.name = name
    return command
