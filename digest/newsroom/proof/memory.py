"""Keeps the newest letters of drafts, because a page and its frames show the same ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from zoneinfo import ZoneInfo

from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.writer import LetterWriter
from digest.models import Edition, Variant

#: A letter takes about 0.2 MB.
MOST_LETTERS = 64


class LetterMemory:
    """The letters that were written last, by the content that they were written from."""

    def __init__(self, most: int = MOST_LETTERS) -> None:
        """Start empty; `most` is the number of letters to keep."""
        self._most = most
        self._letters: OrderedDict[Hashable, tuple[LetterWriter, Letter]] = OrderedDict()
        self._lock = Lock()

    def writer(self, writer: LetterWriter, content_hash: str) -> RememberingWriter:
        """Return a writer for one stored content, whose letters are kept."""
        return RememberingWriter(self, writer, content_hash)

    def find(self, key: Hashable, writer: LetterWriter) -> Letter | None:
        """Return a letter that this writer wrote; None if it is not kept."""
        with self._lock:
            known = self._letters.get(key)
            if known is None or known[0] is not writer:
                return None
            self._letters.move_to_end(key)
            return known[1]

    def keep(self, key: Hashable, writer: LetterWriter, letter: Letter) -> None:
        """Keep a letter; the one that was used the longest time ago is forgotten."""
        with self._lock:
            self._letters[key] = (writer, letter)
            self._letters.move_to_end(key)
            while len(self._letters) > self._most:
                self._letters.popitem(last=False)


class RememberingWriter:
    """Writes letters of one stored content; each letter once."""

    def __init__(self, memory: LetterMemory, writer: LetterWriter, content_hash: str) -> None:
        self._memory = memory
        self._writer = writer
        self._content_hash = content_hash

    def write(
        self,
        edition: Edition,
        variant: Variant,
        present: Present = Present(),  # noqa: B008 - frozen
    ) -> Letter:
        """Return the letter of a variant, which may have been written before.

        Raises:
            TemplateError: a template cannot be rendered.
        """
        # Letters print the day of the edition, not the hour.
        day = edition.issued_at and edition.issued_at.astimezone(ZoneInfo(edition.timezone)).date()
        gone = (present.gone_comments, present.refused_comments)
        key = (self._content_hash, day, variant, gone)
        letter = self._memory.find(key, self._writer)
        if letter is None:
            letter = self._writer.write(edition, variant, present)
            self._memory.keep(key, self._writer, letter)
        return letter
