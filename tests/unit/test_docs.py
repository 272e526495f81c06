"""The blocks of the documentation are right: commands, configuration, code; so is its reference."""

from __future__ import annotations

import ast
import copy
import re
import shlex
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from typer.main import get_command

from digest.cli import app
from digest.cli.commands import COMMANDS, load_command
from digest.config.keys import Config
from docs.making import settings
from docs.making.json_shapes import commands as documented_commands
from docs.making.json_shapes import results
from tests.support.snippets import ROOT, Block, blocks, commands

_EXAMPLE = tomllib.loads((ROOT / "config.example.toml").read_text("utf-8"))


def _of(language: str) -> list[Any]:
    return [pytest.param(each, id=str(each)) for each in blocks() if each.language == language]


@pytest.mark.parametrize("text", sorted({each.text for each in commands() if each.is_ours}))
def test_the_options_of_a_command_exist(text: str) -> None:
    words = shlex.split(text)[1:]
    if words[:1] == ["--config"]:
        words = words[2:]
    name, *rest = words or ["--help"]
    if name.startswith("-"):
        root: Any = get_command(app)
        assert name in {option for each in root.params for option in each.opts} | {"--help"}
        return
    assert name in COMMANDS
    with suppress(click.exceptions.Exit):  # --help
        load_command(name).make_context(f"digest {name}", rest, obj=None)


@pytest.mark.parametrize("block", _of("toml"))
def test_a_piece_of_configuration_is_accepted(block: Block) -> None:
    if block.text.startswith("# not of digest"):
        tomllib.loads(block.text)
        return
    Config.model_validate(_merged(copy.deepcopy(_EXAMPLE), tomllib.loads(block.text)))


def _merged(whole: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with a piece of it; keys without a table are of a newsletter."""
    for key, value in piece.items():
        if key not in Config.model_fields:
            _put(whole["newsletters"][0], key, value)
        elif isinstance(whole.get(key), list):
            for number, table in enumerate(value if isinstance(value, list) else [value]):
                if number < len(whole[key]):
                    for inner, each in table.items():
                        _put(whole[key][number], inner, each)
                else:
                    whole[key].append(table)
        elif isinstance(value, dict):
            whole[key] = {**whole.get(key, {}), **value}
        else:
            whole[key] = value
    return whole


def _put(table: dict[str, Any], key: str, value: Any) -> None:
    if key == "cadences":
        table.pop("schedule", None)
    if key == "schedule":
        table.pop("cadences", None)
    table[key] = value


def test_python_code_is_valid() -> None:
    for block in blocks():
        if block.language == "python":
            ast.parse(block.text, str(block))


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_the_links_of_a_page_outside_the_site_lead_somewhere(page: Path) -> None:
    """Those of the site itself are checked when it is built."""
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", link):
            file, _, anchor = link.partition("#")
            target = page.parent / file if file else page
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_changelog_has_the_version_of_the_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(
        rf"^## {re.escape(package['version'])} \(\d{{4}}-\d\d-\d\d\)$", changelog, re.MULTILINE
    )


def test_every_key_of_the_configuration_has_a_meaning() -> None:
    without = [
        f"{path}.{key}"
        for path, model, _ in settings.walk()
        for key, meaning in settings.meanings(path, model).items()
        if not meaning
    ]
    # Write it as `#:` above the field in `digest/config`, or behind the key in config.example.toml.
    assert without == []


def test_the_results_of_every_command_with_json_are_documented() -> None:
    with_flag = {
        words for words, function in documented_commands() if "as_json" in function.__annotations__
    }
    documented = {words for words, function in documented_commands() if results(function)}
    assert with_flag
    assert with_flag - documented == set()
