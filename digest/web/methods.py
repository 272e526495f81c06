"""The methods that an address answers, for the refusal of any other."""

from __future__ import annotations

from fastapi import Request
from starlette.routing import Match


def allow_header(request: Request, status: int) -> dict[str, str]:
    """Return the header `Allow` of a refused method (RFC 9110 section 15.5.6), else none.

    The framework names only the methods of the first route of the address.
    """
    if status != 405:
        return {}
    methods: set[str] = set()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return {"allow": ", ".join(sorted(methods))}
