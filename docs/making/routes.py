"""The page of routes: the subscribers' pages, the desk, the API, and the pages for machines."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from digest.web.routes import API, DESK, OPS, PUBLIC
from digest.web.table import Route
from docs.making import markdown

_HEAD = """\
`digest serve` listens on two addresses: `[web] public` for the subscribers' pages and `[web] admin`
for the desk and the API. With `[metrics] listen` there is a third, for monitors. A GET never
changes anything, so a scanner that opens each link of a mail does no harm. An address that answers
GET answers HEAD too."""
_RIGHTS = "The right is what the role of a person must include; `-` is open to everybody."


def page() -> str:
    """Return the page."""
    return markdown.page(
        "Routes",
        _HEAD,
        "## Subscribers' pages",
        markdown.table(("method", "path", "does"), _open_rows(PUBLIC)),
        "## The desk",
        _RIGHTS,
        markdown.table(("method", "path", "right", "does"), _rows(DESK)),
        "## The API",
        "The paths are below `/api/v1`. The right is what the token must include.",
        markdown.table(("method", "path", "right", "does"), _rows(API)),
        "## Pages for monitors",
        markdown.table(("method", "path", "does"), _open_rows(OPS)),
    )


def _open_rows(table: Iterable[Route]) -> Iterator[tuple[str, str, str]]:
    for method, path, _, does in _rows(table):
        yield method, path, does


def _rows(table: Iterable[Route]) -> Iterator[tuple[str, str, str, str]]:
    for route in table:
        right = route.right.name.lower() if route.right else "-"
        does = (inspect.getdoc(route.handler) or "").partition("\n")[0]
        yield route.method, markdown.code(route.path), right, does
