"""Receiving a response body within limits, decompressed while it comes."""

from __future__ import annotations

import zlib

#: Read a gzip header and trailer.
_GZIP_WBITS = 16 + zlib.MAX_WBITS


class BodyError(ValueError):
    """The body is too large, cut short or in an encoding that was not asked for."""


class BodyReader:
    """Collects chunks; stops a bomb at the cap, not after it."""

    def __init__(self, encoding: str, *, max_wire_bytes: int, max_bytes: int) -> None:
        """Prepare for one body.

        Args:
            encoding: the `Content-Encoding` header; gzip or nothing.
            max_wire_bytes: as sent.
            max_bytes: decompressed.

        Raises:
            BodyError: the encoding is another one.
        """
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyError(f"content encoding {encoding[:40]!r} was not asked for")
        self._inflater = zlib.decompressobj(_GZIP_WBITS) if encoding.endswith("gzip") else None
        self._wire_left = max_wire_bytes
        self._max_bytes = max_bytes
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            BodyError: a cap is passed, or the compression is damaged.
        """
        self._wire_left -= len(chunk)
        if self._wire_left < 0:
            raise BodyError("larger than is read (bytes sent)")
        self._body += self._inflate(chunk) if self._inflater else chunk
        if len(self._body) > self._max_bytes:
            raise BodyError("larger than is read (bytes decompressed)")

    def finish(self) -> bytes:
        """Give the whole body.

        Raises:
            BodyError: the compressed data ended early.
        """
        if self._inflater and not self._inflater.eof and self._body:
            raise BodyError("compressed data ended early")
        return bytes(self._body)

    def _inflate(self, chunk: bytes) -> bytes:
        """Decompress at most one byte over the cap: enough to know that it is passed."""
        assert self._inflater is not None  # noqa: S101 - for the type checker; see `feed`
        if self._inflater.eof:
            return b""
        try:
            return self._inflater.decompress(chunk, self._max_bytes - len(self._body) + 1)
        except zlib.error as error:
            raise BodyError(f"damaged compression ({error})") from error
