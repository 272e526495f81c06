"""Reads comments from the export files of other systems, by post."""

from __future__ import annotations

from digest.readers.responses.exports.door import read_export

__all__ = ["read_export"]
