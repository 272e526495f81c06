"""The page of routes: the subscribers' pages and the desk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from unittest.mock import MagicMock

from fastapi import APIRouter

from digest.web import public
from digest.web.routes import DESK
from docs.making import markdown

_HEAD = """\
`digest serve` listens on two addresses: `[web] public` for the subscribers' pages and `[web] admin`
for the desk. A GET never changes anything, so a scanner that opens each link of a mail does no
harm."""


def page() -> str:
    """Return the page."""
    desk = [
        (
            route.method,
            markdown.code(route.path),
            route.right.name.lower() if route.right else "-",
            _first_line(route.handler),
        )
        for route in DESK
    ]
    return markdown.page(
        "Routes",
        _HEAD,
        "## Subscribers' pages",
        markdown.table(("methods", "path", "about"), _public()),
        "## The desk",
        "The right is what the role of a person must include; `-` is open to everybody.",
        markdown.table(("method", "path", "right", "does"), desk),
    )


def _public() -> Iterator[tuple[str, str, str]]:
    """Yield the routes of each module of the public pages, in the order of their paths."""
    rows = []
    for info in iter_modules(public.__path__, "digest.web.public."):
        module = import_module(info.name)
        for name, make in vars(module).items():
            if name.endswith("_routes") and getattr(make, "__module__", "") == info.name:
                rows += [
                    (
                        ", ".join(sorted(route.methods)),
                        markdown.code(route.path),
                        _first_line(module),
                    )
                    for route in _router(make).routes
                ]
    yield from sorted(rows, key=lambda row: row[1])


def _router(make: Callable[..., APIRouter]) -> Any:
    """Call a maker of routes with parts that do nothing: only the paths matter here."""
    parameters = inspect.signature(make).parameters.values()
    parts = {
        each.name: "" if "str" in str(each.annotation) else MagicMock()
        for each in parameters
        if each.default is inspect.Parameter.empty
    }
    return make(**parts)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]
