"""Comments in files that other systems wrote, by post."""

from digest.readers.exports.door import read_export

__all__ = ["read_export"]
