"""Addresses as people type them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from digest.errors import UsageError
from digest.text.display import printable
from digest.text.html import plain_line
from digest.text.links import http_url

UrlText = Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that leads to one.")]
CategoryNames = Annotated[
    list[str] | None,
    typer.Option("--category", help="The category its posts go to; may be given several times."),
]


def typed_url(text: str) -> str:
    """Give an address absolute; `https` where none is written.

    Raises:
        UsageError: it is none.
    """
    text = text.strip()
    if text[:5].lower() == "feed:":
        text = text[5:].removeprefix("//")
    url = http_url(text) or ("" if "://" in text else http_url(f"https://{text}"))
    host = urlsplit(url).hostname or ""
    if not url or ("." not in host and ":" not in host and host != "localhost"):
        shown = printable(text)[:200]
        raise UsageError(f"{shown!r} is no web address; write one such as https://example.org/")
    return url.partition("#")[0]


def typed_categories(names: list[str] | None) -> tuple[str, ...]:
    """Give categories as they are written into a configuration, each once.

    Raises:
        UsageError: one is empty.
    """
    categories = tuple(dict.fromkeys(plain_line(name) for name in names or ()))
    if not all(categories):
        raise UsageError("--category: is empty; write a name")
    return categories
