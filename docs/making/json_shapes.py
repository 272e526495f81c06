"""The page of JSON: what each command prints with `--json`, read from its code."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from digest.cli.commands import COMMANDS, load_command
from docs.making import markdown
from docs.making.comments import field_comments
from docs.making.typed import (
    Names,
    Unreadable,
    hints_of,
    items_of,
    module_names,
    type_of,
    unwrapped,
    without_none,
)

_HEAD = """\
`--json` prints one document on standard output. Times are in UTC (ISO 8601). A command that fails
prints `{"error": "…", "exit_code": 2}`. Keys may be added, so a program must ignore those that it
does not know; the keys below keep their names. `[]` after a key is a list, `{}` a table with keys
of its own."""


@dataclass(frozen=True)
class Key:
    """One key of a result."""

    path: str
    kind: str
    meaning: str = ""


def page() -> str:
    """Return the page."""
    parts = [_HEAD]
    for words, function in commands():
        shapes = results(function)
        if shapes:
            parts.append(f"## {words}")
        for shape in shapes:
            rows = [(markdown.code(key.path), key.kind, _null(key.meaning)) for key in shape]
            parts.append(markdown.table(("key", "type", "meaning"), rows))
    return markdown.page("JSON", *parts)


def _null(meaning: str) -> str:
    return re.sub(r"\bNone\b", "null", meaning)


def commands() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each command with the function that it calls."""
    for name in COMMANDS:
        yield from _commands(f"digest {name}", load_command(name))


def _commands(words: str, command: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(f"{words} {name}", inner)
    if not hasattr(command, "commands"):
        yield words, inspect.unwrap(command.callback)


def results(function: Callable[..., Any]) -> list[list[Key]]:
    """Return the keys of each result that a function prints as JSON."""
    found: list[list[Key]] = []
    for expression, names, module in (*_printed(function, set()), *_made_elsewhere(function)):
        keys = list(_Reader(names, module).keys(expression, ""))
        is_known = any(key.path for key in keys)
        if is_known and keys not in found and _paths(keys) not in map(_paths, found):
            found.append(keys)
    return found


#: Commands that collect results before they print them, and the functions that make them.
_MAKERS = {"send": ("_data", "_dry_run_data")}


def _made_elsewhere(
    function: Callable[..., Any],
) -> Iterator[tuple[ast.expr, Names, Mapping[str, Any]]]:
    module = module_names(function.__module__)
    for name in _MAKERS.get(function.__name__, ()):
        tree = _tree(module[name])
        names = _names(module[name], tree, module)
        for line in tree.body:
            if isinstance(line, ast.Return) and line.value is not None:
                yield line.value, names, module


def _paths(keys: list[Key]) -> list[str]:
    return [key.path for key in keys]


def _printed(
    function: Callable[..., Any], seen: set[str]
) -> Iterator[tuple[ast.expr, Names, Mapping[str, Any]]]:
    """Yield what a function, or one that gets its flag `as_json`, gives to `print_json`."""
    module = module_names(function.__module__)
    tree = _tree(function)
    names = _names(function, tree, module)
    seen.add(function.__qualname__)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = module.get(ast.unparse(node.func))
            if ast.unparse(node.func) in ("print_json", "output.print_json"):
                yield node.args[0], names, module
            elif (
                inspect.isfunction(called)
                and _takes_flag(node)
                and (called.__qualname__ not in seen)
            ):
                yield from _printed(called, seen)


def _takes_flag(node: ast.Call) -> bool:
    given = [*node.args, *(each.value for each in node.keywords)]
    return any(ast.unparse(each) == "as_json" for each in given)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(tree, ast.FunctionDef):
        raise Unreadable(function.__qualname__)
    return tree


def _names(function: Callable[..., Any], tree: ast.FunctionDef, module: Mapping[str, Any]) -> Names:
    """Return the parameters and variables of a function with their types, where they are known."""
    names: Names = {key: unwrapped(kind) for key, kind in hints_of(function).items()}
    for _ in range(2):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                _bind(node.targets[0], node.value, names, module)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                names[ast.unparse(node.target)] = eval(  # noqa: S307 - an annotation of our own
                    ast.unparse(node.annotation), dict(module)
                )
    return names


def _bind(target: ast.expr, value: ast.expr, names: Names, module: Mapping[str, Any]) -> None:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for left, right in zip(target.elts, value.elts, strict=True):
            _bind(left, right, names, module)
        return
    try:
        if isinstance(target, ast.Tuple):
            kinds = get_args(type_of(value, names, module))
            names |= {ast.unparse(e): k for e, k in zip(target.elts, kinds, strict=False)}
        elif isinstance(value, ast.Dict | ast.List | ast.ListComp | ast.DictComp):
            names[ast.unparse(target)] = _Expression(value, dict(names))
        else:
            names[ast.unparse(target)] = type_of(value, names, module)
    except Unreadable:
        names.setdefault(ast.unparse(target), Any)


@dataclass(frozen=True)
class _Expression:
    """A variable whose value is written out where it is set."""

    node: ast.expr
    names: Names


@dataclass(frozen=True)
class _Reader:
    """Reads the keys of an expression."""

    names: Names
    module: Mapping[str, Any]

    def keys(self, node: ast.expr, place: str) -> Iterator[Key]:
        """Yield the keys below a place."""
        match node:
            case ast.Dict():
                yield from self._of_dict(node, place)
            case ast.ListComp() | ast.GeneratorExp():
                inner = self.within(node.generators)
                yield from inner.keys(node.elt, f"{place}[]")
            case ast.DictComp():
                inner = self.within(node.generators)
                yield from inner.keys(node.value, f"{place}{{}}")
            case ast.IfExp():
                # One result alone, or a list of them.
                yield from self.keys(node.body, place)
            case ast.Subscript() if isinstance(
                self.names.get(ast.unparse(node.value)), _Expression
            ):
                stored = self.names[ast.unparse(node.value)]
                if isinstance(stored.node, ast.ListComp):
                    reader = _Reader(stored.names, self.module).within(stored.node.generators)
                    yield from reader.keys(stored.node.elt, place)
            case ast.Name() if isinstance(self.names.get(node.id), _Expression):
                stored = self.names[node.id]
                yield from _Reader(stored.names, self.module).keys(stored.node, place)
            case ast.Call() if ast.unparse(node.func) == "asdict":
                yield from of_type(self._type(node.args[0]), place)
            case ast.Call() if self._helper(node) is not None:
                yield from self._of_helper(node, place)
            case _:
                yield from of_type(self._type(node), place)

    def _of_dict(self, node: ast.Dict, place: str) -> Iterator[Key]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                yield from self.keys(value, place)
            else:
                name = str(key.value) if isinstance(key, ast.Constant) else "…"
                yield from self.keys(value, f"{place}.{name}".lstrip("."))

    def within(self, generators: list[ast.comprehension]) -> _Reader:
        """Return a reader that also knows the variables of a comprehension."""
        names = dict(self.names)
        for each in generators:
            try:
                kind = items_of(type_of(each.iter, names, self.module))
            except Unreadable:
                kind = Any
            targets = each.target.elts if isinstance(each.target, ast.Tuple) else [each.target]
            kinds = get_args(kind) if isinstance(each.target, ast.Tuple) else [kind]
            names |= {ast.unparse(t): k for t, k in zip(targets, kinds, strict=False)}
        return _Reader(names, self.module)

    def _type(self, node: ast.expr) -> Any:
        try:
            return type_of(node, self.names, self.module)
        except Unreadable:
            return Any

    def _helper(self, node: ast.Call) -> Callable[..., Any] | None:
        """Return a function of the commands that makes a table of its argument."""
        function = self.module.get(ast.unparse(node.func))
        is_ours = inspect.isfunction(function) and function.__module__.startswith("digest.cli")
        return function if is_ours and "dict[" in str(hints_of(function).get("return")) else None

    def _of_helper(self, node: ast.Call, place: str) -> Iterator[Key]:
        function = self._helper(node)
        if function is None:
            return
        module, tree = module_names(function.__module__), _tree(function)
        names = _names(function, tree, module)
        gone = {
            each.slice.value
            for line in tree.body
            if isinstance(line, ast.Delete)
            for each in line.targets
            if isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant)
        }
        for line in tree.body:
            if isinstance(line, ast.Return) and line.value is not None:
                source = _source_of(line.value, tree)
                for key in _Reader(names, module).keys(source, place):
                    if key.path.removeprefix(place).lstrip(".") not in gone:
                        yield key


def _source_of(node: ast.expr, tree: ast.FunctionDef) -> ast.expr:
    """Return what a returned variable was set to."""
    if isinstance(node, ast.Name):
        for line in tree.body:
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == node.id:
                return line.value
    return node


def of_type(kind: Any, place: str, meaning: str = "", depth: int = 0) -> Iterator[Key]:
    """Yield the keys of a value of a type: of a record each field, of a list those of its items."""
    kind = without_none(kind)
    origin, inside = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        notes, hints = field_comments(kind), hints_of(kind)
        if depth > 3:
            yield Key(place, "table", meaning)
            return
        if meaning:
            yield Key(place, "table", meaning)
        for each in fields(kind):
            inner = f"{place}.{each.name}".lstrip(".")
            yield from of_type(hints[each.name], inner, notes.get(each.name, ""), depth + 1)
    elif origin in (tuple, list, frozenset, set) and len(set(inside) - {...}) == 1:
        yield from of_type(inside[0], f"{place}[]", meaning, depth)
    elif (
        origin is not None
        and origin is not Literal
        and len(inside) == 2
        and (isinstance(origin, type) and issubclass(origin, Mapping))
    ):
        yield from of_type(inside[1], f"{place}{{}}", meaning, depth)
    else:
        yield Key(place, _words(kind), meaning)


def _words(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(map(_words, get_args(kind)))
    if get_origin(kind) is Literal:
        return " or ".join(f'"{each}"' for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = [str(each.value) for each in kind]
        return " or ".join(f'"{value}"' for value in values) if len(values) < 12 else "text"
    return {
        str: "text",
        int: "number",
        float: "number",
        bool: "true or false",
        datetime: "time",
        date: "day",
        timedelta: "text",
        Path: "text",
        type(None): "null",
    }.get(kind, "value" if kind in (Any, object) else getattr(kind, "__name__", str(kind)))
