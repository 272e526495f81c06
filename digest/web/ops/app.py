"""The application of the pages for machines.

It is of Starlette alone, because monitors expect plain refusals.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette import routing
from starlette.applications import Starlette
from starlette.types import ASGIApp

from digest.web.guards import SecurityHeaders
from digest.web.ops.door import OpsDoor
from digest.web.table import Route


def create_ops(door: OpsDoor, routes: Iterable[Route]) -> ASGIApp:
    """Return the application of the pages for machines, including its guards."""
    app = Starlette(
        routes=[
            routing.Route(route.path, route.handler, methods=list(route.methods))
            for route in routes
        ]
    )
    app.state.door = door
    return SecurityHeaders(app)
