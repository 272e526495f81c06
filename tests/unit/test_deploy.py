"""The files of `deploy/` name only commands, options, keys and files that exist."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types
from packaging.requirements import Requirement
from pydantic import BaseModel

from digest.cli.commands import COMMANDS, load_command
from digest.config.keys import Config

_ROOT = Path(__file__).parent.parent.parent
_DEPLOY = _ROOT / "deploy"
#: Parts of the program that other changes bring; remove each name when it is in this tree.
_NOT_YET_COMMANDS = {"worker"} - set(COMMANDS)
_NOT_YET_TABLES = {"metrics"} - set(Config.model_fields)
_UNITS = sorted((_DEPLOY / "systemd").glob("*.service"))
_COMPOSE = sorted((_DEPLOY / "docker").glob("compose*.yaml"))
_TEXTS = sorted(path for path in _DEPLOY.rglob("*") if path.is_file() and path.suffix != ".json")


def services(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["services"]
    return found


def pins(path: Path) -> list[tuple[str, str]]:
    """Return the names and versions of a lock."""
    return re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE)


def is_known(arguments: list[str]) -> bool:
    """Return whether a command exists and takes these arguments' options."""
    if arguments[:1] == ["--config"]:
        arguments = arguments[2:]
    name, *rest = arguments
    if name in _NOT_YET_COMMANDS:
        return True
    if name not in COMMANDS:
        return False
    command = load_command(name)
    if hasattr(command, "commands"):
        if rest[0] not in command.commands:
            return False
        command, rest = command.commands[rest[0]], rest[1:]
    options = {option for param in command.params for option in param.opts}
    return {each for each in rest if each.startswith("-")} <= options


def is_key(table: str, key: str) -> bool:
    """Return whether the configuration has a key."""
    if table in _NOT_YET_TABLES:
        return True
    field = Config.model_fields.get(table)
    found = re.findall(r"\b[A-Z]\w+Config\b", str(field.annotation)) if field else []
    models = [each for each in _all_models() if each.__name__ in found]
    return any(key in model.model_fields for model in models)


def _all_models() -> list[type[BaseModel]]:
    from digest.config import keys

    return [
        each
        for each in vars(keys).values()
        if isinstance(each, type) and issubclass(each, BaseModel)
    ]


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.name)
def test_each_unit_runs_a_command_that_exists(path: Path) -> None:
    lines = re.findall(r"^ExecStart=(.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        program, *arguments = shlex.split(line)
        assert (program, is_known(arguments)) == ("/opt/digest/bin/digest", True), line


@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.name)
def test_each_unit_can_write_where_its_configuration_is(path: Path) -> None:
    text = path.read_text("utf-8")
    config = re.search(r"--config (\S+)/config\.toml", text)
    assert config is not None
    # Database, state file and backups are beside the configuration by default.
    assert f"ReadWritePaths={config[1]}\n" in text
    assert f"WorkingDirectory={config[1]}\n" in text
    for rule in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "UMask=0077",
    ):
        assert rule in text


@pytest.mark.parametrize("path", _COMPOSE, ids=lambda path: path.name)
def test_each_service_runs_a_command_that_exists_and_gives_it_time_to_stop(path: Path) -> None:
    ours = {name: each for name, each in services(path).items() if each["image"] == "digest"}
    assert "digest" in ours
    for each in ours.values():
        assert is_known(each["command"])
        assert each["stop_grace_period"] == "60s"
        assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"])
        assert "digest:/var/lib/digest" in each["volumes"]


@pytest.mark.parametrize("path", _TEXTS, ids=lambda path: path.name)
def test_each_command_in_a_comment_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    called = re.findall(r"run --rm (?:-\S+ |digest:\S+ )*digest ((?:[a-z]+ ?)+)", text)
    called += re.findall(r"bin/digest (?:--config \S+ )?([a-z][a-z ]*)", text)
    for words in called:
        if arguments := [each for each in words.split() if each != "digest"]:
            assert is_known(arguments), words


# --- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", _COMPOSE, ids=lambda path: path.name)
def test_each_variable_is_a_key_of_the_configuration(path: Path) -> None:
    for each in services(path).values():
        for name, value in each["environment"].items():
            if not name.startswith("DIGEST_"):
                continue
            table, _, key = name.removeprefix("DIGEST_").lower().partition("__")
            assert is_key(table, key), name
            if value is None:  # taken from .env if it is there: an empty one would count
                continue
            assert value
            if value.startswith("["):
                assert json.loads(value)


@pytest.mark.parametrize("path", _TEXTS, ids=lambda path: path.name)
def test_each_key_in_a_text_exists(path: Path) -> None:
    for table, key in re.findall(r"`?\[(\w+)\]\s+(\w+)\s?=?", path.read_text("utf-8")):
        if table in Config.model_fields or table in _NOT_YET_TABLES:
            assert is_key(table, key), f"[{table}] {key}"


@pytest.mark.parametrize("path", _COMPOSE, ids=lambda path: path.name)
def test_the_pages_are_published_to_this_machine_only_and_health_is_asked_where_it_listens(
    path: Path,
) -> None:
    digest = services(path)["digest"]
    assert digest["ports"] == ["127.0.0.1:8000:8000"]
    assert digest["environment"]["DIGEST_WEB__PUBLIC"] == "0.0.0.0:8000"
    listen = digest["environment"]["DIGEST_METRICS__LISTEN"]
    assert f"http://{listen}/readyz" in digest["healthcheck"]["test"][-1]
    compile(digest["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_postgres_is_of_the_version_of_the_client_in_the_image() -> None:
    # Debian 12 has version 15, and pg_dump refuses a newer server.
    dockerfile = (_DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
    assert "slim-bookworm" in dockerfile
    found = services(_DEPLOY / "docker" / "compose.postgres.yaml")
    assert found["db"]["image"] == "postgres:15-bookworm"
    assert found["worker"]["deploy"]["replicas"] == 2


# --- the image ----------------------------------------------------------------------------------


def test_the_image_copies_only_files_that_are_there_and_not_ignored() -> None:
    dockerfile = (_DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
    allowed = {
        line[1:]
        for line in (_ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line[0] == "!"
    }
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        for name in line.split()
    ]
    assert {"requirements-image.lock", "digest", "subscribers", "templates"} <= set(copied)
    for name in copied:
        assert (_ROOT / name).exists(), name
        assert name in allowed, name


def test_the_image_installs_only_what_its_lock_names() -> None:
    dockerfile = (_DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
    installs = re.findall(r"pip install --no-cache-dir (.+?)(?: &&.*)?$", dockerfile, re.MULTILINE)
    assert installs == [
        "--require-hashes -r requirements-image.lock",
        "--no-deps --no-build-isolation .",
    ]
    assert dockerfile.count("pip install") == len(installs)


def test_the_lock_of_the_image_meets_its_extras_among_them_what_its_health_is_asked_by() -> None:
    package = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    makefile = (_ROOT / "Makefile").read_text("utf-8").replace("\\\n", "")
    [made] = re.findall(r"^.* -o requirements-image\.lock$", makefile, re.MULTILINE)
    extras = re.findall(r"--extra (\w+)", made)
    assert {"metrics", "postgres"} <= set(extras) <= set(package["optional-dependencies"])
    chosen = [package["optional-dependencies"][name] for name in extras]
    required = [Requirement(each) for each in sum(chosen, package["dependencies"])]
    locked = dict(pins(_ROOT / "requirements-image.lock"))
    for each in required:
        assert each.specifier.contains(locked[each.name.lower()]), each
    assert locked.items() <= dict(pins(_ROOT / "requirements-dev.lock")).items()


@pytest.mark.parametrize("path", sorted(_ROOT.glob("*.lock")), ids=lambda path: path.name)
def test_each_lock_names_hashes_of_every_version_and_no_address(path: Path) -> None:
    text = path.read_text("utf-8")
    assert pins(path)
    for requirement in text.replace("\\\n", "").splitlines():
        pin = r"[\w.-]+==[\w.+]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+"
        assert re.fullmatch(pin, requirement), requirement
    assert "://" not in text


def test_the_image_starts_a_command_that_exists_as_a_user_without_rights() -> None:
    dockerfile = (_DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", dockerfile, re.MULTILINE)[0])
    command = json.loads(re.findall(r"^CMD (.+)$", dockerfile, re.MULTILINE)[0])
    assert entry[0] == "digest"
    assert is_known([*entry[1:], *command])
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001:10001"]


def test_the_proxies_send_on_to_the_address_at_which_the_pages_listen() -> None:
    listen = Config.model_fields["web"].default.public
    for name in ("nginx.conf", "Caddyfile"):
        text = (_DEPLOY / "proxy" / name).read_text("utf-8")
        assert f"{listen}" in text
        assert 'trusted_proxies = ["127.0.0.1/32"]' in text
