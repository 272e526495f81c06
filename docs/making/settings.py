"""The page of the configuration: every key, from its class and from `config.example.toml`."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from digest.config.keys import Config
from docs.making import example, markdown
from docs.making.comments import field_comments

_HEAD = """\
The configuration is one file in TOML; `digest init` writes it with a comment for each key, and
`digest config check` names every fault at once. A key that does not exist is a fault. A variable of
the environment overrides a key: `DIGEST_SMTP__PASSWORD` sets `password` of the first `[[smtp]]`,
`DIGEST_SMTP__1__PASSWORD` that of the second. Paths are relative to the file. A duration is a
number with `m`, `h`, `d` or `w`: `"24h"`."""

#: How a value of a checked text is written; the names are those of `digest/config/values.py`.
_WORDS = {
    "Duration": 'duration, `"24h"`',
    "Days": 'duration, `"90d"`',
    "Timeout": 'time, `"90s"`',
    "Rate": 'number a second, or `"100/m"`',
    "WebAddress": "URL",
    "MailAddress": "mail address",
    "Mailbox": '`"Name <address>"`',
    "ScheduleText": 'schedule, `"Mon 07:00"`',
    "ZoneName": 'time zone, `"Europe/Zurich"`',
    "Listener": '`"address:port"`',
}


def page() -> str:
    """Return the page."""
    tables = [_section(path, model, is_list) for path, model, is_list in walk()]
    return markdown.page("Configuration", _HEAD, *tables)


def walk() -> Iterator[tuple[str, type[BaseModel], bool]]:
    """Yield each table of the configuration: its name, its class, whether it may be repeated."""
    yield from _walk("", Config)


def _walk(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel], bool]]:
    for name, field in model.model_fields.items():
        inner, is_list = _table_in(field.annotation)
        if inner is not None:
            below = f"{path}.{key_of(name, field)}".lstrip(".")
            yield below, inner, is_list
            yield from _walk(below, inner)


def _table_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the table that a field holds, and whether it is a list of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    found = [_table_in(each) for each in get_args(annotation)]
    table = next((inner for inner, _ in found if inner is not None), None)
    return table, get_origin(annotation) is tuple or any(is_list for _, is_list in found)


def key_of(name: str, field: FieldInfo) -> str:
    """Return the key as it is written in the file."""
    return field.alias or name


def meanings(path: str, model: type[BaseModel]) -> dict[str, str]:
    """Return the meaning of each key of a table; empty where neither text has one."""
    comments, written = field_comments(model), example.meanings()
    return {
        key_of(name, field): comments.get(name) or written.get((path, key_of(name, field)), "")
        for name, field in model.model_fields.items()
        if _table_in(field.annotation)[0] is None
    }


def _section(path: str, model: type[BaseModel], is_list: bool) -> str:
    title = f"\\[\\[{path}\\]\\]" if is_list else f"\\[{path}\\]"
    about = (model.__doc__ or "").partition("\n")[0]
    keys = {key_of(name, field): field for name, field in model.model_fields.items()}
    hints = model.__annotations__
    rows = [
        (
            markdown.code(key),
            _type_words(keys[key].annotation, str(hints.get(_name(model, key)))),
            _default(keys[key]),
            _plain(meaning),
        )
        for key, meaning in meanings(path, model).items()
    ]
    table = markdown.table(("key", "type", "default", "meaning"), rows) if rows else ""
    return f"({path.replace('.', '-')}-table)=\n## {title}\n\n{about}\n\n{table}"


def _name(model: type[BaseModel], key: str) -> str:
    return next(name for name, field in model.model_fields.items() if key_of(name, field) == key)


def _plain(text: str) -> str:
    """Return a meaning in which names of tables are code and a Python None is a key not set."""
    bare = text.replace("`[", "[").replace("]`", "]")
    named = re.sub(r"\[\[?[a-z.]+\]?\]", lambda found: f"`{found[0]}`", bare)
    return re.sub(r"\bNone:", "Not set:", named)


def _type_words(annotation: Any, written: str) -> str:
    for name, words in _WORDS.items():
        if re.search(rf"\b{name}\b", written):
            return f"list: {words}" if "tuple" in written else words
    return _words_of(annotation)


def _words_of(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words_of(inside[0])
    if origin is Literal:
        return " or ".join(f"`{json.dumps(each)}`" for each in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(_words_of(each) for each in inside if each is not type(None))
    if origin is tuple:
        return f"list of {_words_of(inside[0])}"
    if origin is dict:
        return f"table of {_words_of(inside[1])}"
    return {
        bool: "`true` or `false`",
        int: "whole number",
        float: "number",
        str: "text",
        SecretStr: "text, secret",
        Path: "path",
        timedelta: "duration",
    }.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, "", (), {}) or isinstance(value, SecretStr):
        return "none"
    return markdown.code(_toml(value))


def _toml(value: Any) -> str:
    if isinstance(value, timedelta):
        return f'"{_duration(int(value.total_seconds()))}"'
    if isinstance(value, Enum):
        return json.dumps(value.value)
    if isinstance(value, Path):
        return json.dumps(str(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _duration(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0 and seconds > (size if unit == "d" else 0):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
