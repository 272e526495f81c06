"""Reads the forms of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, HTTPException, Request

#: More than any form of these pages has.
_MOST_FIELDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that was sent with a form."""

    #: As the browser names it; never a path.
    name: str
    content: bytes


async def read_form(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a request's body; raises the same error as `fields_or_404`."""
    body = await request.body()
    if boundary := _boundary_of(request):
        return _fields_of(_parts(body, boundary))
    return fields_or_404(body)


async def read_files(request: Request) -> Mapping[str, SentFile]:
    """Return the files of a form whose `enctype` is `multipart/form-data`, by field."""
    boundary = _boundary_of(request)
    return _files_of(_parts(await request.body(), boundary)) if boundary else {}


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
SentFiles = Annotated[Mapping[str, SentFile], Depends(read_files)]


# --- multipart/form-data (RFC 7578) ---------------------------------------------------------------


def _boundary_of(request: Request) -> bytes:
    """Return what separates the parts of a form; empty for any other body."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    is_form = header.get_content_type() == "multipart/form-data"
    boundary = header.get_param("boundary") if is_form else None
    return boundary.encode("latin-1", "replace") if isinstance(boundary, str) else b""


def _parts(body: bytes, boundary: bytes) -> list[tuple[Message, bytes]]:
    """Return the headers and the content of each part; a form that was cut off has fewer."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_FIELDS + 1)[1:-1]
    parts = []
    for piece in pieces:
        head, _, content = piece.partition(b"\r\n\r\n")
        parts.append((BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n"), content))
    return parts


def _fields_of(parts: list[tuple[Message, bytes]]) -> Mapping[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for head, content in parts:
        if head.get_filename() is None:
            fields.setdefault(_name_of(head), []).append(content.decode("utf-8", "replace"))
    return fields


def _files_of(parts: list[tuple[Message, bytes]]) -> Mapping[str, SentFile]:
    return {
        _name_of(head): SentFile(name=name.replace("\\", "/").rpartition("/")[2], content=content)
        for head, content in parts
        # A browser sends a field without a chosen file with an empty name.
        if (name := head.get_filename())
    }


def _name_of(head: Message) -> str:
    return str(head.get_param("name", "", header="content-disposition"))
