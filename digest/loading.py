"""Loads modules when they are first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec
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


def load_when_used(name: str) -> None:
    """Let a library import a module that we never use, without its cost.

    The module is loaded when one of its attributes is first read.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
