"""Health and metrics, for a monitor in the same network; never for the public."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from digest.newsroom.figures import why_not_ready
from digest.web.ops.door import OpsDoor


def show_health(_request: Request) -> Response:
    """Answer while the process lives."""
    return PlainTextResponse("ok\n")


def show_readiness(request: Request) -> Response:
    """Answer 200 while the database can be read and is the one that sends, otherwise 503."""
    problem = why_not_ready(_door_of(request).context)
    return PlainTextResponse(f"{problem or 'ok'}\n", 503 if problem else 200)


def show_metrics(request: Request) -> Response:
    """Return the metrics in the text format of Prometheus."""
    content, kind = _door_of(request).write_metrics()
    return Response(content, media_type=kind)


def _door_of(request: Request) -> OpsDoor:
    door: OpsDoor = request.app.state.door
    return door
