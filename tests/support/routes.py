"""The tables of routes, and what an application really serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from starlette import routing
from starlette.applications import Starlette

from digest.web.table import Route

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def address_of(path: str, places: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the path with `places` in its parameters, by default `1`."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: places.get(found[1], "1"), path)


def methods_at(address: str, table: Iterable[Route]) -> set[str]:
    """Return all methods of an address, which may be one of several routes."""
    found = set()
    for route in table:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", route.path.replace(".", r"\."))
        if re.fullmatch(pattern, address):
            found |= set(route.methods)
    return found


def inside(app: Any) -> Starlette:
    """Return the application inside the guards."""
    while not isinstance(app, Starlette):
        app = next(filter(callable, vars(app).values()))
    return app


def served_by(app: Any, below: str = "") -> Iterator[tuple[str, str]]:
    """Yield each method and path that an application serves."""
    for route in inside(app).routes:
        if isinstance(route, routing.Mount):
            yield from served_by(route.app, below + route.path)
        else:
            assert isinstance(route, routing.Route)
            yield from ((method, below + route.path) for method in route.methods or ())


def handler_at(app: Any, method: str, address: str) -> object:
    """Return the function of an application that answers a request."""
    scope = {"type": "http", "method": method, "path": address}
    for route in inside(app).routes:
        if isinstance(route, routing.Route) and route.matches(scope)[0] is routing.Match.FULL:
            return route.endpoint
    return None
