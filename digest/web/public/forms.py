"""Reads the forms of the public pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request

#: Far more than any form of these pages has.
_MOST_FIELDS = 200


async def read_form(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a request's body; of other content than a form, none."""
    return parse_fields(await request.body())


def parse_fields(body: bytes) -> Mapping[str, list[str]]:
    """Return the fields of a form or a query, including empty ones."""
    try:
        text = body.decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(404) from error


SentForm = Annotated[Mapping[str, list[str]], Depends(read_form)]
