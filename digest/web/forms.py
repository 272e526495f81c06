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


class UnstorableText(ValueError):
    """A field with the character NUL, which PostgreSQL stores in no text."""

    def __init__(self) -> None:
        super().__init__("A field contains the character NUL. Remove it and send the form again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that was sent with a form."""

    #: As the browser names it; never a path.
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Sent:
    """The fields and the files of one form."""

    fields: Mapping[str, list[str]]
    files: Mapping[str, SentFile]


async def read_form(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a request's body; raises the same errors as `fields_or_404`."""
    return (await _sent(request)).fields


async def read_files(request: Request) -> Mapping[str, SentFile]:
    """Return the files of a form whose `enctype` is `multipart/form-data`, by field."""
    return (await _sent(request)).files


def fields_or_404(body: bytes) -> Mapping[str, list[str]]:
    """Return the result of `parse_fields`.

    Raises:
        HTTPException: too many fields: 404; a character that no database stores: 422.
    """
    try:
        return parse_fields(body)
    except UnstorableText as error:
        raise HTTPException(422, f"{error}") from error
    except ValueError as error:
        raise HTTPException(404) from error


def parse_fields(body: bytes) -> Mapping[str, list[str]]:
    """Return the fields of a form or a query, including empty ones.

    Bytes that are not UTF-8 become U+FFFD.

    Raises:
        UnstorableText: a field has a character that no database stores.
        ValueError: too many fields.
    """
    text = body.decode("utf-8", "replace")
    return _storable(parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))


def has_unstorable_address(request: Request) -> bool:
    """Return whether a request's path or query has a character that no database stores."""
    values = [text for pair in request.query_params.multi_items() for text in pair]
    return any("\0" in text for text in (request.scope["path"], *values))


def first_of(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the first value of a field; empty if there is none."""
    return fields.get(name, [""])[0]


SentForm = Annotated[Mapping[str, list[str]], Depends(read_form)]
SentFiles = Annotated[Mapping[str, SentFile], Depends(read_files)]


async def _sent(request: Request) -> _Sent:
    """Return the form of a request, which is parsed once, however often it is asked for."""
    found: _Sent | None = getattr(request.state, "sent", None)
    if found is None:
        found = _parsed(await request.body(), _boundary_of(request))
        request.state.sent = found
    return found


def _parsed(body: bytes, boundary: bytes) -> _Sent:
    if not boundary:
        return _Sent(fields_or_404(body), {})
    parts = _parts(body, boundary)
    fields, files = _fields_of(parts), _files_of(parts)
    try:
        _storable({**fields, **{name: [file.name] for name, file in files.items()}})
    except UnstorableText as error:
        raise HTTPException(422, f"{error}") from error
    return _Sent(fields, files)


def _storable(fields: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """Return the fields; raises `UnstorableText`."""
    if any("\0" in text for name, values in fields.items() for text in (name, *values)):
        raise UnstorableText
    return fields


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
