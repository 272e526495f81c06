"""Reads the forms of the public pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request

#: More than any form of these pages has.
_MOST_FIELDS = 1_000


async def read_form(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a request's body; raises the same error as `fields_or_404`."""
    return fields_or_404(await request.body())


def fields_or_404(body: bytes) -> Mapping[str, list[str]]:
    """Return the result of `parse_fields`.

    Raises:
        HTTPException: too many fields: 404.
    """
    try:
        return parse_fields(body)
    except ValueError as error:
        raise HTTPException(404) from error


def parse_fields(body: bytes) -> Mapping[str, list[str]]:
    """Return the fields of a form or a query, including empty ones.

    Bytes that are not UTF-8 become U+FFFD.

    Raises:
        ValueError: too many fields.
    """
    text = body.decode("utf-8", "replace")
    return parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)


def first_of(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the first value of a field; empty if there is none."""
    return fields.get(name, [""])[0]


SentForm = Annotated[Mapping[str, list[str]], Depends(read_form)]
