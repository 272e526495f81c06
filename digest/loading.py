"""Imports modules when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from types import ModuleType
from typing import Any


def on_demand(package: str) -> Callable[[str], ModuleType]:
    """Return a module's `__getattr__` (PEP 562) that imports the named module of `package`.

    The module also imports the names under `TYPE_CHECKING`, so that the type checker and the
    import contracts between the rooms see them.
    """

    def load(name: str) -> ModuleType:
        if name.startswith("__"):
            raise AttributeError(name)
        return import_module(f"{package}.{name}")

    return load


def names_on_demand(module: str, names: Collection[str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__` (PEP 562) that imports `module` when a name is first used.

    The package also imports the `names` under `TYPE_CHECKING`, as for `on_demand`.
    """

    def load(name: str) -> Any:
        if name not in names:
            raise AttributeError(name)
        return getattr(import_module(module), name)

    return load
