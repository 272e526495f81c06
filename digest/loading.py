"""Loads modules when they are first used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
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


@contextmanager
def stand_in_for(name: str) -> Iterator[None]:
    """Let a library that the block imports have a module that we never use, without its cost.

    The library gets a stand-in, which imports the module when one of its names is first used.
    """
    if name in sys.modules:
        yield
        return
    stand_in = ModuleType(name)
    vars(stand_in)["__getattr__"] = lambda used: getattr(import_module(name), used)
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def setting(name: str, value: str) -> Iterator[None]:
    """Give a library that the block imports a setting, unless the environment has its own."""
    is_own = name in os.environ
    os.environ.setdefault(name, value)
    try:
        yield
    finally:
        if not is_own:
            del os.environ[name]
