"""Receives a response body within a size limit and decompresses it on the way.

The bytes decide whether a body is compressed, as in browsers; the header `Content-Encoding` is only
a hint, because many servers name a coding that means nothing (`utf-8`, `none`, `aws-chunked`), or
compress without naming it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

#: Makes zlib read a gzip header and trailer; a negative value reads bare deflate.
_GZIP_WBITS = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b\x08"
#: Real codings that were not requested and cannot be read (IANA, HTTP Content Coding Registry).
_UNREADABLE = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd"}
)
#: Bytes at the start that show what a body is.
_SAMPLE = 512
#: Control characters that no text has: all but tab, line ends, form feed and escape.
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})
#: Text in UTF-16 or UTF-32 contains zeros.
_WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\xfe\xff", b"\0\0\0<")
#: Compressions around each other: a compressed file that a server compresses again has two.
_MAX_LAYERS = 3
#: Parts of one compressed body; some servers write a part for each few kilobytes.
_MAX_MEMBERS = 10_000
#: Bytes that are decompressed at once: zlib copies the rest of them at the end of each part.
_SLICE = 65536


class BodyError(ValueError):
    """The body is too large, incomplete or in an encoding that was not requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The size limit of a body, which counts for the bytes as sent and for those decompressed."""

    max_bytes: int
    #: Where the operator changes it; empty if no key does.
    advice: str = ""

    def check(self, size: int) -> None:
        """Check a number of bytes.

        Raises:
            BodyError: it is over the limit; the message names the limit and its key.
        """
        if size > self.max_bytes:
            advice = f"; {self.advice}" if self.advice else ""
            raise BodyError(f"larger than {self.max_bytes:,} bytes{advice}")


class BodyReader:
    """Collects chunks; stops a decompression bomb at the limit, before it fills the memory."""

    def __init__(self, encoding: str, limit: Limit) -> None:
        """Prepare for one body.

        Args:
            encoding: the `Content-Encoding` header.
            limit: the limit for the body as sent, and for the decompressed body.
        """
        self._codings = frozenset(each.strip() for each in encoding.lower().split(","))
        self._limit = limit
        self._sent = 0
        self._layer = _Layer(self._codings, limit)

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes as received.

        Raises:
            BodyError: the limit is exceeded, or the compressed data is damaged.
        """
        self._sent += len(chunk)
        self._limit.check(self._sent)
        self._layer.feed(chunk)

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            BodyError: the compressed data is damaged or ended early.
        """
        body = self._layer.finish()
        for _ in range(_MAX_LAYERS - 1):
            if not body.startswith(_GZIP_MAGIC):
                break
            layer = _Layer(frozenset(), self._limit)
            layer.feed(body)
            body = layer.finish()
        return body


class _Layer:
    """Removes one compression; bytes that are not compressed pass unchanged."""

    def __init__(self, codings: frozenset[str], limit: Limit) -> None:
        self._codings = codings
        self._limit = limit
        #: The first bytes, until there are enough to decide; None after that.
        self._sample: bytes | None = b""
        self._wbits: int | None = None
        self._inflater: zlib._Decompress | None = None
        self._members = 0
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        if self._sample is not None:
            chunk = self._sample + chunk
            self._sample = chunk
            if len(chunk) < _SAMPLE:
                return
            self._decide()
        self._add(chunk)

    def finish(self) -> bytes:
        if self._sample is not None:
            rest = self._sample
            self._decide()
            self._add(rest)
        if self._inflater and not self._inflater.eof:
            raise BodyError("compressed data ended early")
        return bytes(self._body)

    def _decide(self) -> None:
        self._wbits = _compression_of(self._sample or b"", self._codings)
        self._sample = None
        self._open_member()

    def _open_member(self) -> None:
        if self._wbits is not None:
            self._inflater = zlib.decompressobj(self._wbits)
            self._members += 1

    def _add(self, chunk: bytes) -> None:
        if self._inflater is None:
            self._body += chunk
            self._limit.check(len(self._body))
            return
        for start in range(0, len(chunk), _SLICE):
            self._inflate(chunk[start : start + _SLICE])

    def _inflate(self, chunk: bytes) -> None:
        """Decompress; gzip may have several parts (RFC 1952), and what follows the last is padding.

        Decompresses at most one byte over the limit: enough to notice that it is exceeded.
        """
        while chunk and self._inflater:
            if self._inflater.eof:
                if self._wbits != _GZIP_WBITS or not _GZIP_MAGIC.startswith(chunk[:3]):
                    self._wbits = None  # padding: nothing after it belongs to the body
                    return
                if self._members >= _MAX_MEMBERS:
                    raise BodyError(f"compressed in more than {_MAX_MEMBERS:,} parts")
                self._open_member()
            try:
                room = self._limit.max_bytes - len(self._body) + 1
                self._body += self._inflater.decompress(chunk, room)
            except zlib.error as error:
                raise BodyError(f"compressed data is damaged ({error})") from error
            self._limit.check(len(self._body))
            chunk = self._inflater.unused_data


def _compression_of(sample: bytes, codings: frozenset[str]) -> int | None:
    """Return zlib's `wbits` for a body that starts with `sample`; None if it is not compressed.

    Raises:
        BodyError: the body is in a coding that was not requested, or is not what its header says.
    """
    if sample.startswith(_GZIP_MAGIC):
        return _GZIP_WBITS
    if not sample or _is_text(sample):
        return None
    if _is_zlib(sample):
        return zlib.MAX_WBITS
    if "deflate" in codings:
        return -zlib.MAX_WBITS  # without the zlib header, as some servers send it
    if unreadable := sorted(codings & _UNREADABLE):
        raise BodyError(f"content encoding {unreadable[0]!r} was not requested")
    return None


def _is_text(sample: bytes) -> bool:
    return sample.startswith(_WIDE_STARTS) or len(sample.translate(None, _CONTROLS)) == len(sample)


def _is_zlib(sample: bytes) -> bool:
    """Return whether the first two bytes are a zlib header (RFC 1950) of the usual kind."""
    return sample[0] == 0x78 and int.from_bytes(sample[:2], "big") % 31 == 0
