from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.csvfile import (
    MAX_BYTES,
    MAX_LINE_CHARS,
    CsvError,
    Record,
    guard_cell,
    open_text,
    read_records,
    unguard_cell,
)


def read(data: bytes | str, encoding: str = "utf-8") -> list[Record]:
    raw = data if isinstance(data, bytes) else data.encode(encoding)
    with open_text(io.BytesIO(raw)) as text:
        return list(read_records(text))


def cells(data: bytes | str, encoding: str = "utf-8") -> list[tuple[str, ...]]:
    return [record.cells for record in read(data, encoding)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_encodings_are_known_by_their_bytes(encoding: str) -> None:
    assert cells("email,name\na@b.org,Zoë\n", encoding)[1] == ("a@b.org", "Zoë")


def test_bytes_without_meaning_do_not_end_the_reading() -> None:
    assert len(read(b"email,name\na@b.org,\x81\xe9\nc@d.org,x\n")) == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_settles_the_delimiter(delimiter: str) -> None:
    text = delimiter.join(["email", "name"]) + "\n" + delimiter.join(["a@b.org", "x|y"])
    assert cells(text)[1] == ("a@b.org", "x|y")


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_a_line_that_names_the_delimiter_is_no_header(first: str) -> None:
    assert cells(f"{first}email;name, first\na@b.org;x")[0] == ("email", "name, first")


def test_delimiters_within_quotes_are_not_counted() -> None:
    assert cells('email;"a, b, c"\na@b.org;x')[1] == ("a@b.org", "x")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(end: str) -> None:
    assert len(read(end.join(["email", "a@b.org", "c@d.org"]))) == 3


def test_blank_rows_are_passed_over_and_lines_still_counted() -> None:
    lines = [record.line for record in read("\n\nemail,name\n\n,,\na@b.org,x\n")]
    assert lines == [3, 6]


def test_a_quoted_cell_may_span_lines() -> None:
    records = read('email,name\na@b.org,"two\nlines"\nc@d.org,x\n')
    assert [(record.line, record.cells[1]) for record in records[1:]] == [
        (2, "two\nlines"),
        (4, "x"),
    ]


def test_an_open_quote_spoils_its_own_row_only() -> None:
    rows = "".join(f"u{n}@b.org,x\n" for n in range(200))
    records = read(f'email,name\na@b.org,"open\n{rows}')
    assert records[1].problem
    assert len(records) == 202


def test_a_stray_quote_within_a_cell_is_a_letter() -> None:
    assert cells('email,name\na@b.org,5" disk\nc@d.org,x\n')[1:] == [
        ("a@b.org", '5" disk'),
        ("c@d.org", "x"),
    ]


def test_an_endless_line_spoils_only_itself() -> None:
    records = read(f"email\n{'a' * (3 * MAX_LINE_CHARS)}\na@b.org\n")
    assert [bool(record.problem) for record in records] == [False, True, False]
    assert records[2].line == 3


def test_an_empty_file_has_no_rows() -> None:
    assert read("") == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_formulas_are_guarded(start: str) -> None:
    assert guard_cell(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("mark", [",", ";", "\t", "\n", "\r\n"])
@pytest.mark.parametrize("between", ["", " ", '"', "'"])
def test_no_part_of_a_cell_becomes_a_formula_in_another_program(mark: str, between: str) -> None:
    guarded = guard_cell(f'Ann{mark}{between}=HYPERLINK("x";"y")')
    for delimiter in ",;\t":
        out = io.StringIO(newline="")
        csv.writer(out).writerow(["a@b.org", guarded, "x"])
        for line in out.getvalue().splitlines():
            for cell in line.split(delimiter):
                assert not cell.strip(' "').startswith("=")


def test_words_with_a_sign_within_are_kept() -> None:
    assert guard_cell("Jean-Luc, a+b; c@d") == "Jean-Luc, a+b; c@d"


@given(st.text() | st.text(alphabet="'=-@,;\t\r\n \"a"))
def test_guarding_is_undone_wholly(cell: str) -> None:
    assert unguard_cell(guard_cell(cell)) == cell


@given(st.lists(st.lists(st.text(alphabet="ab,;\"'\n é"), min_size=2, max_size=3), max_size=5))
def test_output_of_the_standard_writer_is_read_alike(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["email", "name"], *rows])
    wanted = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert cells(out.getvalue())[1:] == wanted


def test_rows_behind_broken_quotes_are_kept() -> None:
    text = 'email,name\na@b.org,"A"nn"\nc@d.org,"C"\ne@f.org,"E"x"\ng@h.org,"G"\n'
    records = read(text)[1:]
    assert [(record.line, bool(record.problem)) for record in records] == [
        (2, True),
        (3, False),
        (4, True),
        (5, False),
    ]
    assert records[1].cells == ("c@d.org", "C")


def test_quotes_over_lines_and_broken_ones_stay_apart() -> None:
    text = 'email,name\na@b.org,"two\nlines" x\nc@d.org,"three\nmore\nlines"\ne@f.org,x\n'
    records = read(text)[1:]
    assert [record.line for record in records if record.problem] == [2]
    assert [record.cells[0] for record in records if not record.problem][-2:] == [
        "c@d.org",
        "e@f.org",
    ]


@pytest.mark.parametrize("at", [0, 9, 14, 20])
def test_a_few_zeros_do_not_make_a_file_utf_16(at: int) -> None:
    data = b"email,name\na@b.org,Ann\nc@d.org,Bob\n"
    rows = cells(data[:at] + b"\0" + data[at:])
    assert len(rows) == 3
    assert rows[2] == ("c@d.org", "Bob")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_in_any_script(encoding: str) -> None:
    text = "البريد الإلكتروني,الاسم\na@b.org,عائشة\nc@d.org,李雷\n"
    assert cells(text, encoding)[1:] == [("a@b.org", "عائشة"), ("c@d.org", "李雷")]


def test_a_file_of_zeros_only_has_no_address() -> None:
    assert not any("@" in cell for row in cells(b"\0" * 100_000) for cell in row)


class _Large(io.BytesIO):
    """A file that says it is larger than it is."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return MAX_BYTES + 1 if whence == io.SEEK_END else super().seek(offset, whence)


def test_a_file_above_the_limit_is_refused_unread() -> None:
    with pytest.raises(CsvError, match=r"larger than 1024 MB; split the file"), open_text(_Large()):
        pass


@pytest.mark.parametrize("mark", ["|", ":", "\t", "^"])
def test_any_mark_may_be_named_above_the_header(mark: str) -> None:
    assert cells(f"sep={mark}\nemail{mark}name\na@b.org{mark}x, y")[1] == ("a@b.org", "x, y")


@pytest.mark.parametrize("first", ["sep=a", 'sep="', "sep=", "sep= "])
def test_a_letter_a_space_or_a_quote_is_no_mark(first: str) -> None:
    records = read(f"{first}\nemail,name\na@b.org,x\n")
    assert [record.line for record in records] == [1, 2, 3]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"PK\x03\x04\x14", "an Excel workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1", "an Excel workbook"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_another_kind_of_file_is_refused_by_its_name(start: bytes, kind: str) -> None:
    with pytest.raises(CsvError) as caught:
        read(start + b"email,name\na@b.org,x\n")
    assert str(caught.value).startswith(f"{kind}, not a CSV file; unpack it, or save it")


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_row_of_too_many_cells_is_bad(quote: str) -> None:
    few, many = (f"a@b.org{',' * count}{quote}x{quote}" for count in (999, 1000))
    records = read(f"email\n{few}\n{many}\nc@d.org\n")[1:]
    assert [record.problem for record in records] == ["", "more than 1000 cells", ""]


@pytest.mark.parametrize(
    "data",
    [
        b'[{"email": "ann@heritage.org", "status": "unsubscribed"}]',
        b'\xef\xbb\xbf {"email": "ann@heritage.org"}\n{"email": "bob@heritage.org"}\n',
        b"<html><table><tr><td>email</td></tr></table></html>",
        b"<?xml version='1.0'?><people/>",
        b"{\\rtf1 ann@heritage.org}",
        b"PK\x05\x06" + bytes(18),
        b"SQLite format 3\0" + bytes(range(1, 32)) * 9 + b"ann@heritage.org",
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(CsvError, match="export the list as CSV"):
        read(data)


def test_an_address_in_angle_brackets_or_a_heading_in_square_ones_is_no_markup() -> None:
    assert cells("<ann@heritage.org>\n") == [("<ann@heritage.org>",)]
    assert cells("[email],[name]\nann@heritage.org,Ann\n")[0] == ("[email]", "[name]")
