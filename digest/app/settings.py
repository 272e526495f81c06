"""Describes the configuration in force: each value as text, its origin, and no secret."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from digest.app.wiring import App
from digest.config import load_config
from digest.config.load import ENV_PREFIX
from digest.errors import ConfigError
from digest.models import Origin, Setting, Settings, SettingsTable
from digest.text.durations import duration_text

#: What is shown instead of a secret.
SET, UNSET = "set (not shown)", "not set"
#: Keys whose addresses are secrets as a whole: who knows them may post there.
_SECRET_ADDRESSES = frozenset({"webhook", "ping_url"})
_LOGIN = re.compile(r"(?<=//)[^/@]*@")
_PASSWORD = re.compile(r"(?<=password=)[^&\s]+", re.IGNORECASE)
#: Keys that tell one table of a list from the others.
_NAMES = ("name", "host", "selector", "url", "provider")
#: Lists of tables with pages of their own.
_ELSEWHERE = frozenset({"feeds", "fields"})

_Keys = tuple[str, ...]


def describe(app: App, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in force.

    Args:
        app: the installation.
        environment: the variables of the process.
    """
    raw = _raw(app.path)
    given = frozenset(_keys_of(environment))
    problem, is_newer = "", False
    if app.path is not None:
        try:
            is_newer = load_config(app.path) != app.config
        except ConfigError as error:
            problem, is_newer = error.problems[0], True
    return Settings(
        path=str(app.path or ""),
        is_file_newer=is_newer,
        problem=problem,
        tables=tuple(_tables(app.config, raw, given)),
    )


def _raw(path: Path | None) -> dict[str, Any]:
    """Return the file as it is written; empty if it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8")) if path else {}
    except (OSError, ValueError):
        return {}


def _keys_of(environment: Mapping[str, str]) -> Iterator[_Keys]:
    """Yield the keys that variables set; a list's first table has the number 0."""
    for name in environment:
        if name.startswith(ENV_PREFIX) and "__" in name:
            yield tuple(name[len(ENV_PREFIX) :].lower().split("__"))


def _tables(config: BaseModel, raw: Any, given: frozenset[_Keys]) -> Iterator[SettingsTable]:
    for name, value in _values(config):
        if name in _ELSEWHERE:
            continue
        if isinstance(value, BaseModel):
            inner = _part(raw, name)
            rows = tuple(_settings(value, inner, given, (name,)))
            yield SettingsTable(name=f"[{name}]", settings=rows)
            continue
        for number, table in enumerate(value):
            inner = _part(_part(raw, name), number)
            rows = tuple(_settings(table, inner, given, (name, str(number))))
            yield SettingsTable(name=f"[[{name}]] {_name_of(table)}", settings=rows)


def _settings(
    table: BaseModel, raw: Any, given: frozenset[_Keys], place: _Keys, prefix: str = ""
) -> Iterator[Setting]:
    for name, value in _values(table):
        inner, keys = _part(raw, name), (*place, name)
        if isinstance(value, BaseModel):
            yield from _settings(value, inner, given, keys, f"{prefix}{name}.")
        elif _is_tables(value):
            for number, each in enumerate(value):
                yield from _settings(
                    each,
                    _part(inner, number),
                    given,
                    (*keys, str(number)),
                    f"{prefix}{name}[{number}].",
                )
        else:
            yield Setting(
                key=f"{prefix}{name}", value=_text(name, value), origin=_origin(keys, inner, given)
            )


def _values(table: BaseModel) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a table as the file has them, and their values."""
    for name, field in type(table).model_fields.items():
        yield field.alias or name, getattr(table, name)


def _part(raw: Any, key: str | int) -> Any:
    """Return what the file has at a key; None if it has nothing there."""
    if isinstance(key, int):
        return raw[key] if isinstance(raw, list) and key < len(raw) else None
    return raw.get(key) if isinstance(raw, dict) else None


def _origin(keys: _Keys, raw: Any, given: frozenset[_Keys]) -> Origin:
    # `DIGEST_SMTP__PASSWORD` means the first table of the list.
    short = tuple(key for key in keys if key != "0")
    if keys in given or short in given:
        return Origin.ENVIRONMENT
    return Origin.DEFAULT if raw is None else Origin.FILE


def _is_tables(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)


def _name_of(table: BaseModel) -> str:
    found = (str(getattr(table, name)) for name in _NAMES if getattr(table, name, None))
    return _LOGIN.sub("", next(found, ""))


def _text(name: str, value: Any) -> str:
    """Return a value as a person would write it; of a secret only whether it is set."""
    if isinstance(value, SecretStr):
        return SET if value.get_secret_value() else UNSET
    if value is None or value == "" or value == () or value == {}:
        return UNSET
    if isinstance(value, tuple) and isinstance(value[0], SecretStr):
        return f"{len(value)} {SET}"
    if isinstance(value, dict) and any(isinstance(each, SecretStr) for each in value.values()):
        return f"{', '.join(value)} {SET}"
    if name in _SECRET_ADDRESSES:
        return f"{urlsplit(str(value)).hostname} {SET}"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(name, each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return ", ".join(_text(name, each) for each in value)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return duration_text(value)
    return _PASSWORD.sub("…", _LOGIN.sub("…@", str(value)))
