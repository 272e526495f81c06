"""Forms as browsers send them: parsed once, and without what no database stores."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import HTTPException, Request
from starlette.types import Message, Scope

from digest.web.forms import UnstorableText, parse_fields, read_files, read_form

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=B"


def sent(kind: str, body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", kind.encode())]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return Request(scope, receive)


def part(head: str, content: str) -> bytes:
    return f"--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n".encode()


def test_a_form_with_a_file_is_parsed_once_however_often_it_is_read() -> None:
    body = part('name="a"', "1") + part('name="file"; filename="x.csv"', "rows") + b"--B--\r\n"
    request = sent(_MULTIPART, body)

    async def read_twice() -> None:
        fields, files = await read_form(request), await read_files(request)
        assert (fields, files["file"].content) == ({"a": ["1"]}, b"rows")
        assert await read_form(request) is fields
        assert await read_files(request) is files

    asyncio.run(read_twice())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (_URLENCODED, b"a=x%00y"),
        (_URLENCODED, b"a%00=y"),
        (_MULTIPART, part('name="a"', "x\0y") + b"--B--\r\n"),
        (_MULTIPART, part('name="file"; filename="a\0.csv"', "") + b"--B--\r\n"),
    ],
)
def test_a_form_with_nul_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_form(sent(kind, body)))
    assert refused.value.status_code == 422
    assert "NUL" in refused.value.detail


def test_fields_with_nul_are_no_fields() -> None:
    with pytest.raises(UnstorableText):
        parse_fields(b"words=a%00")


def test_half_a_surrogate_pair_becomes_a_mark() -> None:
    assert parse_fields(b"a=%ED%A0%80")["a"] == ["\ufffd" * 3]
