"""Health and metrics, for a monitor in the same network; never for the public.

`/healthz` answers while the process lives, `/readyz` while its database can be read and is the one
that sends, `/metrics` in the text format of Prometheus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digest.newsroom.figures import why_not_ready
from digest.web.guards import SecurityHeaders
from digest.web.ops.metrics import write_metrics

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext
    from digest.newsroom.tally import Tally


def create_ops(context: RunContext, tally: Tally) -> ASGIApp:
    """Return the application of the pages for machines."""

    def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def ready(_request: Request) -> Response:
        problem = why_not_ready(context)
        return PlainTextResponse(f"{problem or 'ok'}\n", 503 if problem else 200)

    def metrics(_request: Request) -> Response:
        content, kind = write_metrics(context, tally)
        return Response(content, media_type=kind)

    return SecurityHeaders(
        Starlette(
            routes=[
                Route("/healthz", health),
                Route("/readyz", ready),
                Route("/metrics", metrics),
            ]
        )
    )
