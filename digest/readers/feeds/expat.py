"""Expat as feedparser asks for it, with the text between two tags given in one piece.

Python's own driver gives it line by line and entity by entity, and feedparser does much for each.
"""

from __future__ import annotations

from xml.sax.expatreader import ExpatParser

#: Longer texts come in several pieces.
_PIECE_BYTES = 1 << 16


class _WholeTexts(ExpatParser):
    def reset(self) -> None:
        """Begin a document."""
        super().reset()
        expat = self._parser  # type: ignore[attr-defined] # no stub names it
        expat.buffer_text = True
        expat.buffer_size = _PIECE_BYTES


def create_parser() -> ExpatParser:
    """Give a parser; `xml.sax.make_parser` calls this by the module's name."""
    return _WholeTexts()
