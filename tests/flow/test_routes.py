"""The tables of routes name each address of the program, and nothing else is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.routing import Mount

from digest.models.paths import TAKEN_PATHS
from digest.newsroom.context import RunContext
from digest.web.api.app import PREFIX
from digest.web.ops.app import create_ops
from digest.web.ops.door import OpsDoor
from digest.web.ports import BounceHooks
from digest.web.public.app import create_public
from digest.web.routes import API, DESK, OPS, PUBLIC
from digest.web.table import Route
from tests.support.routes import (
    METHODS,
    address_of,
    handler_at,
    inside,
    methods_at,
    name_of,
    served_by,
)
from tests.support.web_doors import desk_showing, people_store, public_door
from tests.support.web_server import Site, serving

_TABLES = {"public": PUBLIC, "desk": DESK, "api": API, "ops": OPS}
#: What stands in the places of an address, where `1` is not it.
_PLACES = {"newsletter": "weekly", "week": "2026-W40"}
_BY_TABLE = [(name, route) for name, table in _TABLES.items() for route in table]
_HOOK = "/hooks/bounces/{provider}"


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    desk = desk_showing(None, api=API)
    api = next(each.app for each in inside(desk).routes if isinstance(each, Mount))
    machine = OpsDoor(context=cast("RunContext", None), write_metrics=lambda: (b"", "text/plain"))
    with people_store(Path(tmp_path_factory.mktemp("people"))) as store:
        door = replace(public_door(store), hooks=cast("BounceHooks", object()))
        yield {
            "public": create_public(door, PUBLIC),
            "without hooks": create_public(public_door(store), PUBLIC),
            "desk": desk,
            "api": api,
            "ops": create_ops(machine, OPS),
        }


@pytest.fixture(scope="module")
def site(apps: Mapping[str, Any]) -> Iterator[Site]:
    with serving(apps["without hooks"]) as site:
        yield site


def rows_of(table: Sequence[Route], below: str = "") -> list[tuple[str, str]]:
    return [(method, below + route.path) for route in table for method in route.methods]


def test_what_is_served_is_in_the_tables_and_the_reverse(apps: Mapping[str, Any]) -> None:
    found = {name: sorted(served_by(app)) for name, app in apps.items()}
    assert found == {
        "public": sorted(rows_of(PUBLIC)),
        "without hooks": sorted(rows_of([each for each in PUBLIC if each.path != _HOOK])),
        "desk": sorted([*rows_of(DESK), *rows_of(API, PREFIX)]),
        "api": sorted(rows_of(API)),
        "ops": sorted(rows_of(OPS)),
    }


@pytest.mark.parametrize("name", _TABLES)
def test_each_address_and_method_is_once_in_a_table(name: str) -> None:
    rows = rows_of(_TABLES[name])
    assert len(set(rows)) == len(rows)


def test_no_address_is_hidden_by_another(apps: Mapping[str, Any]) -> None:
    for name, route in _BY_TABLE:
        address = address_of(route.path, _PLACES)
        for method in route.methods:
            assert handler_at(apps[name], method, address) == route.handler, name_of(route)


def test_subscribers_and_monitors_need_no_right() -> None:
    assert [each for each in (*PUBLIC, *OPS) if each.right is not None] == []


def test_only_a_post_changes_anything() -> None:
    assert {route.method for _, route in _BY_TABLE if route.is_change} == {"POST"}


def test_no_public_address_can_be_the_name_of_a_newsletter() -> None:
    # The last route is that of the names; a name has no dot.
    firsts = {route.path.split("/")[1] for route in PUBLIC[:-1]} - {""}
    assert {first for first in firsts if "." not in first} <= TAKEN_PATHS
    assert PUBLIC[-1].path == "/{newsletter}"


@pytest.mark.parametrize("path", sorted({route.path for route in PUBLIC} - {_HOOK}))
def test_other_methods_are_refused(site: Site, path: str) -> None:
    address = address_of(path, _PLACES)
    known = methods_at(address, PUBLIC)
    for method in METHODS:
        status = site.ask(address, method).status
        assert (status == 405) is (method not in known), method
