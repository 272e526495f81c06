from __future__ import annotations

import gzip
import tracemalloc

import pytest

from digest.readers.web.body import BodyError, BodyReader


def read(chunks: list[bytes], encoding: str = "", most: int = 1000, wire: int = 1000) -> bytes:
    subscriber = BodyReader(encoding, max_wire_bytes=wire, max_bytes=most)
    for chunk in chunks:
        subscriber.feed(chunk)
    return subscriber.finish()


def test_plain_and_compressed_bodies_come_out_whole() -> None:
    packed = gzip.compress(b"feed" * 200)
    assert read([b"fe", b"ed"]) == b"feed"
    assert read([packed[:9], packed[9:]], "gzip") == b"feed" * 200
    assert read([], "gzip") == b""


@pytest.mark.parametrize(
    ("chunks", "encoding", "reason"),
    [
        ([b"x" * 600, b"x" * 600], "", "bytes sent"),
        ([gzip.compress(b"x" * 2000)], "gzip", "decompressed"),
        ([gzip.compress(b"feed")[:-9]], "gzip", "ended early"),
        ([b"no gzip at all"], "gzip", "damaged"),
        ([b""], "br", "was not requested"),
        ([b""], "gzip, gzip", "was not requested"),
    ],
)
def test_bodies_beyond_the_rules_are_refused(
    chunks: list[bytes], encoding: str, reason: str
) -> None:
    with pytest.raises(BodyError, match=reason):
        read(chunks, encoding)


def test_a_bomb_is_stopped_at_the_cap_and_never_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 9)
    tracemalloc.start()
    with pytest.raises(BodyError):
        read([bomb], "gzip", most=100_000, wire=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
