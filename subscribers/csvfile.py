"""Reads CSV files of other programs: detects encoding and delimiter, survives open quotes.

After a quote that is not closed, the standard parser reads on to the end of the file. Here a
record has at most 50 lines; if its quote is still open then, only its first line is bad and
reading continues with the next line.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from subscribers.errors import SubscriberError

MAX_BYTES = 1024 * 1024 * 1024
MAX_LINE_CHARS = 64 * 1024
MAX_RECORD_LINES = 50
MAX_CELLS = 1000

_DELIMITERS = (",", ";", "\t")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The first bytes of files that are given in the place of a CSV.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x1f\x8b": "a compressed file",
    b"%PDF": "a PDF",
}
#: The first characters of texts that have no rows, but not of an address such as `<ann@x.org>`.
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*[\[{\"\]]|<[!?]?[a-z]+[\s>/])", re.IGNORECASE)
#: Control characters that texts do not have; a file with many of them is none.
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")
_OTHER_ADVICE = "unpack it, or save it as CSV in the spreadsheet"
#: Spreadsheets write the delimiter above the header row, or expect it there.
_SEP = re.compile(r'"?sep=(?P<mark>\t|[^\w\s"])"?\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')

#: Where a cell may become a formula: at its start and, since another program may split the file
#: at another mark, behind each mark and line end within it. Full-width signs count too.
_START, _WITHIN = r'^(?P<a>[ "]*)', r'(?<=[,;\t\r\n])(?P<b>[ "]*)'
_SIGN = r"=+\-@＝＋－＠"
_BEFORE = rf"(?:{_START}{{0}}(?='*[{_SIGN}\t\r\n])|{_WITHIN}{{0}}(?='*[{_SIGN}]))"
_OPEN = re.compile(_BEFORE.format(""))
_GUARDED = re.compile(_BEFORE.format("'"))


class CsvError(SubscriberError):
    """A whole file cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the file."""

    #: The number of its first line, from 1.
    line: int
    #: Empty if the row cannot be read.
    cells: tuple[str, ...]
    #: Why the row cannot be read; empty if it can.
    problem: str = ""


@contextmanager
def open_text(file: BinaryIO) -> Iterator[TextIO]:
    """Return a context with a seekable file as text in its detected encoding; it stays open.

    Raises:
        CsvError: the file is larger than `MAX_BYTES`, or no CSV, such as a workbook or JSON.
    """
    if file.seek(0, io.SEEK_END) > MAX_BYTES:
        raise CsvError(f"larger than {MAX_BYTES >> 20} MB; split the file")
    file.seek(0)
    start = file.read(8)
    for mark, kind in _OTHER_FILES.items():
        if start.startswith(mark):
            raise CsvError(f"{kind}, not a CSV file; {_OTHER_ADVICE}")
    encoding = _detect_encoding(file)
    file.seek(0)
    start = file.read(4096)
    if _MARKUP.match(start):
        raise CsvError("JSON, HTML or other markup, not a CSV file; export the list as CSV")
    if "16" not in encoding and len(_CONTROLS.findall(start)) > len(start) // 100:
        raise CsvError("not a text; export the list as CSV")
    file.seek(0)
    # Five bytes are undefined in Windows-1252; they must not stop the import.
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        yield text
    finally:
        text.detach()


def read_records(text: TextIO) -> Iterator[Record]:
    """Yield the rows of a file, without blank ones.

    A first line such as `sep=;` determines the delimiter, else the header row.
    """
    lines = _number_lines(text)
    first = next((numbered for numbered in lines if numbered[1].strip()), None)
    if first is None:
        return
    waiting = deque([first])
    if named := _SEP.fullmatch(first[1]):
        delimiter = named["mark"]
        waiting.clear()
    else:
        delimiter = max(_DELIMITERS, key=_QUOTED.sub("", first[1]).count)
    while waiting or (waiting := deque(itertools.islice(lines, 1))):
        if (record := _take_record(waiting, lines, delimiter)) is not None:
            yield record


def guard_cell(cell: str) -> str:
    """Add an apostrophe wherever a spreadsheet could begin a formula in a cell.

    Also behind a comma, semicolon, tab or line end within the cell: a program that splits the file
    there begins a new cell.
    """
    return _OPEN.sub(lambda found: f"{found['a'] or found['b'] or ''}'", cell)


def unguard_cell(cell: str) -> str:
    """Remove the apostrophes of `guard_cell`."""
    return _GUARDED.sub(lambda found: found["a"] or found["b"] or "", cell)


def _detect_encoding(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(4096)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    # Addresses have a zero in each character of UTF-16, always its first byte or always its second;
    # other zeros are bad bytes.
    first, second = start[::2].count(0), start[1::2].count(0)
    if first + second > len(start) // 8 and not len(start) // 16 < min(first, second):
        return "utf-16-be" if first > second else "utf-16-le"
    return "utf-8" if _is_utf8(file) else "cp1252"


def _is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(1 << 16):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _number_lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, without NUL; one that is too long is cut above the limit."""
    for number in itertools.count(1):
        line = text.readline(MAX_LINE_CHARS + 1)
        if not line:
            return
        rest = line
        while len(rest) > MAX_LINE_CHARS and not rest.endswith(("\n", "\r")):
            rest = text.readline(MAX_LINE_CHARS + 1)
        # PostgreSQL cannot store NUL in text.
        yield number, line.replace("\0", "")


def _take_record(
    waiting: deque[tuple[int, str]], lines: Iterator[tuple[int, str]], delimiter: str
) -> Record | None:
    """Read the record at the first waiting line, None if it is blank; put other lines back."""
    number, line = waiting.popleft()
    if len(line) > MAX_LINE_CHARS:
        return Record(line=number, cells=(), problem=f"longer than {MAX_LINE_CHARS} characters")
    if '"' not in line:
        # What the parser returns for such a line, in a third of its time.
        return _record(number, line.rstrip("\r\n").split(delimiter))
    taken, quotes = [(number, line)], line.count('"')
    while quotes % 2 and len(taken) < MAX_RECORD_LINES:
        following = waiting.popleft() if waiting else next(lines, None)
        if following is None:
            break
        taken.append(following)
        quotes += following[1].count('"')
    if quotes % 2:
        waiting.extendleft(reversed(taken[1:]))
        taken = taken[:1]
    record, used = _parse(taken, delimiter)
    waiting.extendleft(reversed(taken[used:]))
    return record


def _parse(taken: list[tuple[int, str]], delimiter: str) -> tuple[Record | None, int]:
    """Return the first record, None if it is blank, and its number of lines."""
    number = taken[0][0]
    rows = csv.reader((line for _, line in taken), delimiter=delimiter, strict=True)
    try:
        return _record(number, next(rows)), rows.line_num
    except csv.Error as error:
        return Record(line=number, cells=(), problem=f"broken quotes ({error})"), 1


def _record(number: int, cells: list[str]) -> Record | None:
    if len(cells) > MAX_CELLS:
        return Record(line=number, cells=(), problem=f"more than {MAX_CELLS} cells")
    return Record(line=number, cells=tuple(cells)) if any(map(str.strip, cells)) else None
