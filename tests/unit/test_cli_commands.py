"""The table of commands, against the commands themselves."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from digest.cli import app
from digest.cli.commands import COMMANDS, load_command

_LIST_IMPORTS = """
import sys
from digest.cli import main
sys.argv = ["digest", "--help"]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_has_the_first_paragraph_of_the_help_of_each_command(name: str) -> None:
    paragraph, *_ = inspect.cleandoc(load_command(name).help).split("\n\n")
    assert COMMANDS[name].summary == paragraph.replace("\n", " ")


def test_help_is_the_same_from_the_table_as_from_the_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    group: Any = get_command(app)
    from_table = _help_of(group, capsys)
    group.commands = {name: load_command(name) for name in COMMANDS}
    assert _help_of(group, capsys) == from_table
    assert "collect" in from_table


@pytest.mark.parametrize("name", COMMANDS)
def test_no_summary_is_cut_and_no_help_shows_python_types(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = load_command(name)
    for each in (command, *getattr(command, "commands", {}).values()):
        shown = _help_of(each, capsys)
        lines = shown.splitlines()
        assert max(map(len, lines)) <= 80
        assert not [line for line in lines if line.endswith("...") and "Usage:" not in line]
        assert not [odd for odd in ("<", "{", "[[") if odd in shown.replace("1<=x<=53", "")]


def test_help_keeps_words_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    assert "[run]" in _help_of(load_command("run"), capsys)
    assert "digest send [OPTIONS] [EDITION]" in _help_of(load_command("send"), capsys)


def test_help_imports_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIST_IMPORTS], capture_output=True, check=True, text=True
    )
    imported = {each for each in done.stderr.split() if each.startswith(("digest.", "subscribers"))}
    assert imported == {
        "digest.cli",
        "digest.cli.commands",
        "digest.errors",
        "subscribers",
        "subscribers.errors",
    }


def _help_of(group: Any, capsys: pytest.CaptureFixture[str]) -> str:
    prog_name = "digest" if group.name in (None, "digest") else f"digest {group.name}"
    group.main(["--help"], prog_name=prog_name, standalone_mode=False)
    return capsys.readouterr().out
