"""The guide to the first mail names commands and keys that exist; a proof follows it."""

from __future__ import annotations

import re
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.cli.commands import COMMANDS, load_command
from tests.proof.guide import own_values

_DOCS = Path(__file__).parent.parent.parent / "docs"
_GUIDES = [_DOCS / "getting-started.md", *sorted((_DOCS / "moving").glob("*.md"))]


def blocks(path: Path, kind: str) -> list[str]:
    text = path.read_text("utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", _GUIDES, ids=lambda path: path.name)
def test_each_command_of_a_guide_exists_with_its_options(path: Path) -> None:
    for line in "".join(blocks(path, "sh")).splitlines():
        program, *arguments = shlex.split(line, comments=True)
        if program != "digest":
            continue
        name, *rest = arguments
        assert name in COMMANDS, line
        command = load_command(name)
        if hasattr(command, "commands"):
            command = command.commands[rest[0]]
        options = {
            option for param in command.params for option in [*param.opts, *param.secondary_opts]
        }
        assert {each for each in rest if each.startswith("--")} <= options, line


def test_the_configuration_of_the_guide_is_complete_with_the_readers_own_values() -> None:
    (block,) = blocks(_DOCS / "getting-started.md", "toml")
    own = tomllib.loads(own_values(block, 2525, 8080, datetime(2026, 11, 30, 7, 0, tzinfo=UTC)))
    assert own["smtp"][0]["port"] == 2525
    assert own["newsletters"][0]["schedule"] == "Mon 07:00"
    assert "example" not in str(own)


def test_the_links_of_the_guide_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", (_DOCS / "getting-started.md").read_text("utf-8")):
        assert (_DOCS / target).exists(), target
