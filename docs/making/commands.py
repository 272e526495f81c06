"""The page of commands, from what `--help` shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from digest.cli import app
from digest.cli.commands import COMMANDS, load_command
from docs.making import markdown

_HEAD = """\
Made from the program: `digest COMMAND --help` shows the same. `digest [--config FILE] COMMAND`
reads `config.toml` by default. The [exit codes](exit-codes.md) are the same for all commands; where
a command says more about them, it is here. The results of `--json` are in [JSON](json.md)."""


def page() -> str:
    """Return the page."""
    root: Any = get_command(app)
    parts = [_HEAD, "## Options before the command", _options(root)]
    for name in COMMANDS:
        for words, command in _walk(f"digest {name}", load_command(name)):
            parts += [f"## {words}", *_describe(words, command)]
    return markdown.page("Commands", *parts)


def _walk(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield a command, and those of a group, each with its words."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(f"{words} {name}", inner)


def _describe(words: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    yield (command.help or "").replace("\f", "").replace("[[", "\\[\\[").strip()
    if inner:
        yield "Its commands: " + ", ".join(markdown.code(name) for name in inner) + "."
        return
    context = command.make_context(words, [], resilient_parsing=True)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{words} {pieces}\n```"
    yield _options(command)


def _options(command: Any) -> str:
    context = command.make_context("digest", [], resilient_parsing=True)
    records = [param.get_help_record(context) for param in command.get_params(context)]
    rows = [
        (markdown.code(names.partition(" <")[0]), text.replace("[[", "\\[\\["))
        for names, text in filter(None, records)
        if not names.startswith("--install") and not names.startswith("--show-comp")
    ]
    return markdown.table(("argument or option", "meaning"), rows)
