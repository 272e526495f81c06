"""The Expat parser for feedparser, set to report the text between two tags in one piece.

Python's own driver reports it line by line and entity by entity, and feedparser works on each.
"""

from __future__ import annotations

from xml.sax.expatreader import ExpatParser

#: Texts longer than this, in bytes, come in several pieces.
_PIECE_BYTES = 1 << 16


class _WholeTexts(ExpatParser):
    def reset(self) -> None:
        """Start a document with a new Expat parser."""
        super().reset()
        expat = self._parser  # type: ignore[attr-defined] # no stub names it
        expat.buffer_text = True
        expat.buffer_size = _PIECE_BYTES


def create_parser() -> ExpatParser:
    """Return a parser; `xml.sax.make_parser` calls this function."""
    return _WholeTexts()
