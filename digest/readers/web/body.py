"""Receives a response body within size limits and decompresses it on the way."""

from __future__ import annotations

import zlib

#: Makes zlib read a gzip header and trailer.
_GZIP_WBITS = 16 + zlib.MAX_WBITS


class BodyError(ValueError):
    """The body is too large, incomplete or in an encoding that was not requested."""


class BodyReader:
    """Collects chunks; stops a decompression bomb at the limit, before it fills the memory."""

    def __init__(self, encoding: str, *, max_wire_bytes: int, max_bytes: int) -> None:
        """Prepare for one body.

        Args:
            encoding: the `Content-Encoding` header; only gzip or no encoding is accepted.
            max_wire_bytes: the limit for the body as sent.
            max_bytes: the limit for the decompressed body.

        Raises:
            BodyError: the encoding is not gzip.
        """
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyError(f"content encoding {encoding[:40]!r} was not requested")
        self._inflater = zlib.decompressobj(_GZIP_WBITS) if encoding.endswith("gzip") else None
        self._wire_left = max_wire_bytes
        self._max_bytes = max_bytes
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes as received.

        Raises:
            BodyError: a limit is exceeded, or the compressed data is damaged.
        """
        self._wire_left -= len(chunk)
        if self._wire_left < 0:
            raise BodyError("too large (bytes sent)")
        self._body += self._inflate(chunk) if self._inflater else chunk
        if len(self._body) > self._max_bytes:
            raise BodyError("too large (bytes decompressed)")

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            BodyError: the compressed data ended early.
        """
        if self._inflater and not self._inflater.eof and self._body:
            raise BodyError("compressed data ended early")
        return bytes(self._body)

    def _inflate(self, chunk: bytes) -> bytes:
        """Decompress at most one byte over the limit: enough to notice that it is exceeded."""
        assert self._inflater is not None  # noqa: S101 - for the type checker; see `feed`
        if self._inflater.eof:
            return b""
        try:
            return self._inflater.decompress(chunk, self._max_bytes - len(self._body) + 1)
        except zlib.error as error:
            raise BodyError(f"compressed data is damaged ({error})") from error
