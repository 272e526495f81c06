"""The addresses and categories that are typed as arguments."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.newsroom.feeds import addresses
from digest.newsroom.feeds.addresses import typed_url as typed_url

UrlText = Annotated[
    str, typer.Argument(metavar="URL", help="Address of a feed or of a page that links to one.")
]
CategoryNames = Annotated[
    list[str] | None,
    typer.Option("--category", metavar="NAME", help="Category for the posts. Repeatable."),
]


def typed_categories(names: list[str] | None) -> tuple[str, ...]:
    """Return the categories of `--category`; see `addresses.typed_categories`."""
    return addresses.typed_categories(names, source="--category")
