"""Modules that are imported when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from types import ModuleType
from typing import Any


def on_demand(package: str) -> Callable[[str], ModuleType]:
    """Return a module's `__getattr__` (PEP 562) that imports the named module of `package`.

    The names are imported under `TYPE_CHECKING` beside it, so that the type checker and the
    contracts between the rooms see them.
    """

    def load(name: str) -> ModuleType:
        if name.startswith("__"):
            raise AttributeError(name)
        return import_module(f"{package}.{name}")

    return load


def names_on_demand(module: str, names: Collection[str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__` (PEP 562) that takes `names` from `module`, imported then.

    The names are imported under `TYPE_CHECKING` beside it, as for `on_demand`.
    """

    def load(name: str) -> Any:
        if name not in names:
            raise AttributeError(name)
        return getattr(import_module(module), name)

    return load
