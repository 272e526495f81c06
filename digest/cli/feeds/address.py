"""Checks the addresses and categories that are typed as arguments."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from digest.errors import UsageError
from digest.text.display import printable
from digest.text.html import plain_line
from digest.text.links import http_url

UrlText = Annotated[
    str, typer.Argument(metavar="URL", help="Address of a feed or of a page that links to one.")
]
CategoryNames = Annotated[
    list[str] | None,
    typer.Option("--category", metavar="NAME", help="Category for the posts. Repeatable."),
]


def typed_url(text: str) -> str:
    """Return an absolute address; the scheme is `https` if none is typed.

    Raises:
        UsageError: the text is not a web address.
    """
    text = text.strip()
    if text[:5].lower() == "feed:":
        text = text[5:].removeprefix("//")
    url = http_url(text) or ("" if "://" in text else http_url(f"https://{text}"))
    host = urlsplit(url).hostname or ""
    if not url or ("." not in host and ":" not in host and host != "localhost"):
        shown = printable(text)[:200]
        raise UsageError(f"{shown!r} is not a web address; use one such as https://example.org/")
    return url.partition("#")[0]


def typed_categories(names: list[str] | None) -> tuple[str, ...]:
    """Return the categories as the configuration has them, without duplicates.

    Raises:
        UsageError: a name is empty.
    """
    categories = tuple(dict.fromkeys(plain_line(name) for name in names or ()))
    if not all(categories):
        raise UsageError("--category: must not be empty; give a name")
    return categories
