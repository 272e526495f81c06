"""Reads the types of expressions from the annotations of the code, without running it."""

from __future__ import annotations

import ast
import collections.abc
import importlib
import inspect
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

#: What a name is known as: variables of a function by their types.
Names = dict[str, Any]
_PLAIN = {"len": int, "bool": bool, "str": str, "int": int, "sum": int, "joined": str}
_WRAPPERS = (collections.abc.Coroutine, collections.abc.Awaitable)


class Unreadable(Exception):
    """The type of an expression cannot be read from the annotations."""


@cache
def module_names(module: str) -> Mapping[str, Any]:
    """Return the names of a module, with those that it imports for the type checker only."""
    loaded = importlib.import_module(module)
    names = dict(vars(loaded))
    for node in ast.walk(ast.parse(inspect.getsource(loaded))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                names |= _imported(line)
    return names


def _imported(line: ast.stmt) -> Names:
    if isinstance(line, ast.ImportFrom) and line.module:
        source = importlib.import_module(line.module)
        return {
            each.asname or each.name: _attribute(source, line.module, each.name)
            for each in line.names
        }
    if isinstance(line, ast.Import):
        return {
            each.name.partition(".")[0]: importlib.import_module(each.name) for each in line.names
        }
    return {}


def _attribute(source: types.ModuleType, path: str, name: str) -> Any:
    found = getattr(source, name, None)
    return importlib.import_module(f"{path}.{name}") if found is None else found


def hints_of(thing: Any) -> dict[str, Any]:
    """Return the annotations of a class or function, resolved."""
    if isinstance(thing, type):
        found: dict[str, Any] = {}
        for each in reversed(thing.__mro__):
            if each.__module__.partition(".")[0] in ("digest", "subscribers"):
                found |= get_type_hints(each, dict(module_names(each.__module__)))
        return found
    return get_type_hints(thing, dict(module_names(thing.__module__)))


def unwrapped(annotation: Any) -> Any:
    """Return what an awaitable gives; anything else as it is."""
    origin = get_origin(annotation)
    is_wrapper = isinstance(origin, type) and issubclass(origin, collections.abc.Awaitable)
    return get_args(annotation)[-1] if is_wrapper or origin in _WRAPPERS else annotation


def member(owner: Any, name: str) -> Any:
    """Return the type of an attribute, a property, or the result of a method."""
    owner = without_none(owner)
    if not isinstance(owner, type):
        raise Unreadable(f"{owner}.{name}")
    if name in (known := hints_of(owner)):
        return known[name]
    found = inspect.getattr_static(owner, name, None)
    for attribute in ("fget", "func", "__func__"):
        found = getattr(found, attribute, found)
    if not inspect.isfunction(found):
        raise Unreadable(f"{owner.__name__}.{name}")
    return unwrapped(hints_of(found).get("return", Any))


def without_none(annotation: Any) -> Any:
    """Return an annotation without its None."""
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [each for each in get_args(annotation) if each is not type(None)]
        return kept[0] if len(kept) == 1 else annotation
    return annotation


def items_of(annotation: Any) -> Any:
    """Return the type of the items of a sequence."""
    inside = get_args(without_none(annotation))
    if not inside:
        raise Unreadable(f"items of {annotation}")
    return inside[0]


def value_of(annotation: Any) -> Any:
    """Return the type that a subscript gives: a value of a mapping, an item of a sequence."""
    kind = without_none(annotation)
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return get_args(kind)[1]
    return items_of(kind)


def type_of(node: ast.expr, names: Names, module: Mapping[str, Any]) -> Any:
    """Return the type of an expression.

    Raises:
        Unreadable: the annotations do not say it.
    """
    match node:
        case ast.Constant():
            return type(node.value)
        case ast.Name():
            if node.id in names:
                return names[node.id]
            raise Unreadable(node.id)
        case ast.Attribute():
            return member(type_of(node.value, names, module), node.attr)
        case ast.Call():
            return _type_of_call(node, names, module)
        case ast.IfExp():
            return type_of(node.body, names, module)
        case ast.Subscript():
            return value_of(type_of(node.value, names, module))
        case ast.JoinedStr():
            return str
        case ast.Compare() | ast.UnaryOp():
            return bool
        case ast.BoolOp():
            return type_of(node.values[0], names, module)
    raise Unreadable(ast.unparse(node))


def _type_of_call(node: ast.Call, names: Names, module: Mapping[str, Any]) -> Any:
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in ("lower", "strip", "upper"):
            return str
        return member(type_of(node.func.value, names, module), node.func.attr)
    name = ast.unparse(node.func)
    if name in _PLAIN:
        return _PLAIN[name]
    if name in ("run", "watched", "list", "tuple"):
        return type_of(node.args[0], names, module)
    function = module.get(name)
    if isinstance(function, type):
        return function
    if not inspect.isfunction(function):
        raise Unreadable(name)
    return unwrapped(hints_of(function).get("return", Any))
