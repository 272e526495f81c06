from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from digest.readers.web.body import BodyError, BodyReader, Limit
from tests.support.bombs import nested_gzip

LIMIT = Limit(max_bytes=1000, advice="raise max_bytes in [fetch]")


def read(chunks: list[bytes], encoding: str = "", limit: Limit = LIMIT) -> bytes:
    subscriber = BodyReader(encoding, limit)
    for chunk in chunks:
        subscriber.feed(chunk)
    return subscriber.finish()


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def test_plain_and_compressed_bodies_come_out_whole() -> None:
    packed = gzip.compress(b"feed" * 200)
    assert read([b"fe", b"ed"]) == b"feed"
    assert read([packed[:9], packed[9:]], "gzip") == b"feed" * 200
    assert read([], "gzip") == b""


@pytest.mark.parametrize(
    "coding",
    [
        "utf-8",
        "UTF8",
        "none",
        "identity",
        "aws-chunked",
        "binary",
        "8bit",
        "text/xml",
        "gzip",
        "br",
    ],
)
@pytest.mark.parametrize("body", [b"<rss/>", "\ufeff<rss/>".encode("utf-16"), b"{}", b""])
def test_a_coding_that_means_nothing_is_ignored_if_the_body_is_plain(
    coding: str, body: bytes
) -> None:
    assert read([body], coding) == body


@pytest.mark.parametrize(
    "picture", [b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]
)
@pytest.mark.parametrize("coding", ["none", "binary", "image/jpeg", "gzip"])
def test_pictures_survive_a_coding_that_means_nothing(picture: bytes, coding: str) -> None:
    assert read([picture], coding) == picture


PACKED = {
    "gzip": gzip.compress(b"<feed/>" * 50),
    "zlib": zlib.compress(b"<feed/>" * 50),
    "zlib, fast": zlib.compress(b"<feed/>" * 50, 1),
    "gzip of gzip": gzip.compress(gzip.compress(b"<feed/>" * 50)),
    "gzip in two parts": gzip.compress(b"<feed/>" * 20) + gzip.compress(b"<feed/>" * 30),
    "gzip, an empty part": gzip.compress(b"<feed/>" * 50) + gzip.compress(b""),
    "gzip, then zeros": gzip.compress(b"<feed/>" * 50) + bytes(600),
    "gzip, then a page": gzip.compress(b"<feed/>" * 50) + b"<!-- served by cache-7 -->" * 9,
    "gzip with a name": b"\x1f\x8b\x08\x08\0\0\0\0\0\x03feed.xml\0"
    + gzip.compress(b"<feed/>" * 50)[10:],
}


@pytest.mark.parametrize("coding", ["", "utf-8", "gzip", "deflate", "gzip, gzip", "br"])
@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_compressed_bodies_are_read_whatever_the_header_says(
    name: str, coding: str, size: int
) -> None:
    packed = PACKED[name]
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert read(chunks, coding) == b"<feed/>" * 50


def test_a_body_in_many_wrappings_stays_in_the_inner_ones() -> None:
    assert read([nested_gzip(3, b"<feed/>")]) == b"<feed/>"
    assert read([nested_gzip(4, b"<feed/>")]) == gzip.compress(b"<feed/>")


def test_bare_deflate_needs_its_header() -> None:
    body = bytes(range(256)) * 3
    assert read([bare_deflate(body)], "deflate") == body


def test_many_parts_are_read_quickly() -> None:
    packed = gzip.compress(b"<feed/>") * 9_000
    assert read([packed], limit=Limit(max_bytes=1_000_000)) == b"<feed/>" * 9_000
    with pytest.raises(BodyError, match="10,000 parts"):
        read([gzip.compress(b"x") * 11_000], limit=Limit(max_bytes=1_000_000))


@pytest.mark.parametrize(
    ("chunks", "encoding", "reason"),
    [
        ([b"x" * 600, b"x" * 600], "", r"larger than 1,000 bytes; raise max_bytes in \[fetch\]"),
        ([gzip.compress(b"x" * 2000)], "gzip", r"larger than 1,000 bytes; raise max_bytes"),
        ([gzip.compress(b"x" * 2000)], "", r"larger than 1,000 bytes"),
        ([zlib.compress(b"x" * 2000)], "none", r"larger than 1,000 bytes"),
        ([gzip.compress(gzip.compress(b"x" * 2000))], "", r"larger than 1,000 bytes"),
        ([gzip.compress(b"x" * 600) * 2], "gzip", r"larger than 1,000 bytes"),
        ([gzip.compress(b"feed")[:-9]], "gzip", "ended early"),
        ([gzip.compress(b"feed") + gzip.compress(b"feed")[:-9]], "gzip", "ended early"),
        ([gzip.compress(b"feed")[:-5] + b"12345"], "gzip", "damaged"),
        ([b"\x0b\x02\x80feed\x03"], "br", "'br' was not requested"),
        ([b"\x28\xb5\x2f\xfd\x04\0feed"], "zstd, utf-8", "'zstd' was not requested"),
    ],
)
def test_bodies_beyond_the_rules_are_refused(
    chunks: list[bytes], encoding: str, reason: str
) -> None:
    with pytest.raises(BodyError, match=reason):
        read(chunks, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "", "utf-8"])
def test_a_bomb_is_stopped_at_the_cap_and_never_unpacked(encoding: str) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 9)
    tracemalloc.start()
    with pytest.raises(BodyError):
        read([bomb], encoding, Limit(max_bytes=100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
