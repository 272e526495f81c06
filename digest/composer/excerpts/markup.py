"""Reads the text of a post's HTML: without captions, tables, headings and notes.

Quotations, headings before lists and omitted pictures are marked in the text for `prose`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.text.html import MAX_CHARS, html_to_text, limit_depth
from digest.text.measure import measure_for
from digest.text.sentences import STOPS
from digest.text.unseen import remove_nodes

#: Paragraphs of one character: before and after a quotation, and in place of a picture or table.
QUOTE_START, QUOTE_END, OMITTED = "\ue001", "\ue002", "\ue003"
#: Begins the line of a heading.
HEADING = "\ue004"
#: Begins each further line of a verse; a line break.
BREAK = "\ue005"
_MARKS = re.compile("[\ue001-\ue005]")
# A mark between two paragraphs, or after a colon; any other picture is only a part of its line.
_OWN_PARAGRAPH = re.compile(
    r"[^\S\n]*(?:[\ue001\ue002]|(?<=[:：])\s*\ue003|(?:(?<=\n)|\A)\ue003(?=\n|\Z))\s*"
)
_IN_LINE = re.compile(r"(?<=[^\n])\ue003|\ue003(?=[^\n])")

#: Elements that do not contain sentences: pictures, captions, tables, headings, code, forms.
_NOT_PROSE = """script style iframe figure figcaption table pre h1 h2 h3 h4 h5 h6 del form button
    select textarea noscript template svg nav audio video object""".split()  # noqa: SIM905
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NO_ELEMENTS = frozenset({"-text", "-comment"})
_LISTS = frozenset({"ul", "ol", "dl"})
#: Elements checked in one post; a page of thumbnails or quotations is not a text.
_MAX_CHECKED = 100
#: A heading over what was spoken: `Transcript`, `Full transcription`, `Transcripción`.
TRANSCRIPT = re.compile(
    r"(?:\w+\s){0,2}tran?s[ck]ri\w{0,10}(?:\s\w+){0,2}:?|文字起こし|書き起こし|文字稿|逐字稿|녹취록",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？؟;]\s*$")

#: The superscript mark of a footnote: `1`, `[2]`, `*`.
_NOTE_MARK = re.compile(r"\[?(?:\d{1,3}(?:[,;–-]\s?\d{1,3})*|[a-z]|[*†‡§])\]?")
#: A number after a word of this many letters points to a note; after `km` it is a power.
_LONG_WORD = re.compile(r"[^\W\d_]{4}$|[.,;:!?…。、」”’\")]$")


def read_markup(html: str) -> str:
    """Return the text of HTML without its captions, data tables, headings, code and notes."""
    # Parsers need quadratic time for deep nesting.
    tree = LexborHTMLParser(limit_depth(_MARKS.sub("", html[:MAX_CHARS])))
    if tree.body is None:
        return ""
    _mark_headings(tree)
    for node in tree.css("figure, img, pre, table")[:_MAX_CHECKED]:
        node.insert_before(OMITTED)
    for quotation in tree.css("blockquote")[:_MAX_CHECKED]:
        if not _is_inside(quotation, "blockquote"):
            quotation.insert_before(QUOTE_START)
            quotation.insert_after(QUOTE_END)
    is_layout = _drop_data_tables(tree)
    tree.strip_tags([tag for tag in _NOT_PROSE if tag != "table"], recursive=True)
    _drop_captions(tree.body)
    _drop_notes(tree)
    markup = tree.body.html or ""
    text = html_to_text(_CELL.sub(r"<\1div>", markup) if is_layout else markup)
    text = _OWN_PARAGRAPH.sub(lambda found: f"\n\n{found[0].strip()}\n\n", text)
    return _IN_LINE.sub("", text)


def _mark_headings(tree: LexborHTMLParser) -> None:
    """Keep the text of headings before a list or a transcript, and of a question at the start."""
    headings = tree.css(", ".join(sorted(_HEADINGS)))[:_MAX_CHECKED]
    for number, heading in enumerate(headings):
        said = " ".join(heading.text(deep=True).split())
        is_question = not number and _QUESTION.search(said) and not _has_text_before(heading)
        is_mark = is_question or TRANSCRIPT.fullmatch(said) or _next_tag(heading) in _LISTS
        if said and is_mark:
            heading.insert_before(f"{HEADING}{said}")


def _next_tag(node: LexborNode) -> str | None:
    """Return the tag of the next element; None if text comes first."""
    after = node.next
    while (
        after is not None and (after.tag or "")[:1] in "-!_" and not after.text(deep=True).strip()
    ):
        after = after.next
    return after.tag if after is not None else None


def _has_text_before(node: LexborNode) -> bool:
    above: LexborNode | None = node
    while above is not None and above.tag != "body":
        before = above.prev
        while before is not None:
            if before.text(deep=True).strip():
                return True
            before = before.prev
        above = above.parent
    return False


def _is_inside(node: LexborNode, tag: str) -> bool:
    above = node.parent
    while above is not None and above.tag != tag:
        above = above.parent
    return above is not None


def _drop_notes(tree: LexborHTMLParser) -> None:
    """Remove the marks of footnotes; other superscript numbers are powers."""
    remove_nodes(mark for mark in tree.css("sup") if _is_note_mark(mark))


def _is_note_mark(mark: LexborNode) -> bool:
    said = mark.text(deep=True).strip()
    if not _NOTE_MARK.fullmatch(said):
        return False
    is_link = mark.css_first("a") is not None or (mark.parent and mark.parent.tag == "a")
    if is_link or not said.isalnum():
        return True
    before = mark.prev
    word = before.text(deep=True) if before is not None else ""
    return said.isdigit() and _LONG_WORD.search(word[-10:]) is not None


# --- tables -------------------------------------------------------------------------------------

_CELL = re.compile(r"<(/?)(?:table|tbody|thead|tfoot|tr|td|th)\b[^<>]*>")
_BLOCKS_OF_PROSE = "p, div, h1, h2, h3, h4, ul, ol, blockquote"
#: Without paragraphs, a cell of fewer words holds data.
_MIN_CELL_WORDS = 12
#: From this number of rows with several texts, a table compares things.
_MIN_DATA_ROWS = 3
_INNER_STOP = re.compile(rf"[{re.escape(STOPS)}]")


def _drop_data_tables(tree: LexborHTMLParser) -> bool:
    """Remove the tables that hold data; return whether tables for layout are left.

    A table for layout has no header cells but such with paragraphs, and paragraphs in its cells.
    """
    tables = tree.css("table")
    if not tables:
        return False
    data = {_table_of(node) for node in tree.css("caption, thead")}
    layout: set[int] = set()
    texts: Counter[tuple[int, int]] = Counter()
    for cell in tree.css("td, th"):
        table, words = _table_of(cell), cell.text(deep=True, separator=" ").split()
        if not words or cell.parent is None:
            continue
        texts[table, cell.parent.mem_id] += 1
        if _holds_prose(cell, words):
            layout.add(table)
        elif cell.tag == "th":
            data.add(table)
    rows = Counter(table for (table, _), count in texts.items() if count > 1)
    layout -= data | {table for table, count in rows.items() if count >= _MIN_DATA_ROWS}
    remove_nodes(table for table in tables if table.mem_id not in layout)
    return bool(layout)


def _table_of(node: LexborNode) -> int:
    above = node.parent
    while above is not None and above.tag != "table":
        above = above.parent
    return above.mem_id if above is not None else 0


def _holds_prose(cell: LexborNode, words: list[str]) -> bool:
    if cell.css_first(_BLOCKS_OF_PROSE) is not None:
        return True
    text = " ".join(words)
    measure = measure_for(text)
    is_long = measure.size(text) >= measure.scale(_MIN_CELL_WORDS)
    return is_long and _INNER_STOP.search(text) is not None


# --- captions -----------------------------------------------------------------------------------

#: A longer text next to a picture is the post's own.
_MAX_CAPTION_WORDS = 40
#: If the rest of the post has fewer words, the text next to the picture is the post.
_MIN_WORDS_AROUND = 30
#: Pictures checked in one post; a page of thumbnails is not a text.
_MAX_PICTURES = 40
#: Boxes that hold a picture and its caption.
_BOXES = frozenset({"div", "p", "dl", "center", "td", "blockquote"})
#: A paragraph next to a picture is a caption only if all of it is in one of these elements.
_SET_APART = "em, i, small, cite, sub, sup"


def _drop_captions(body: LexborNode) -> None:
    """Remove the boxes of pictures with captions from `body`."""
    around = _count_words(body)
    boxes: dict[int, LexborNode] = {}
    for picture in body.css("img")[:_MAX_PICTURES]:
        box = _box_of(picture)
        if box is None or box.mem_id in boxes:
            continue
        words = _count_words(box)
        if words <= _MAX_CAPTION_WORDS and around - words >= _MIN_WORDS_AROUND:
            around -= words
            boxes[box.mem_id] = box
    # A box inside another one goes with it; its memory is freed only once.
    for box in [each for each in boxes.values() if not _is_within(each, boxes)]:
        box.insert_before(OMITTED)
        box.decompose(recursive=True)


def _is_within(node: LexborNode, others: Container[int]) -> bool:
    above = node.parent
    while above is not None and above.mem_id not in others:
        above = above.parent
    return above is not None


def _box_of(picture: LexborNode) -> LexborNode | None:
    """Return the element of a picture and its caption; None if it contains more."""
    node = picture.parent
    while node is not None and node.tag in ("a", "span", "strong", "b", "em", "i"):
        node = node.parent
    if node is None or node.tag not in _BOXES:
        return None
    if node.tag == "p":
        return node if _is_set_apart(node) else _div_around(node)
    return node if len(node.css("p")) <= 1 else None


def _div_around(paragraph: LexborNode) -> LexborNode | None:
    """Return the box around two paragraphs, the picture and its caption; else None."""
    box = paragraph.parent
    is_picture_alone = not _count_words(paragraph)
    is_box = box is not None and box.tag == "div" and len(box.css("p")) == 2
    return box if is_box and is_picture_alone else None


def _is_set_apart(paragraph: LexborNode) -> bool:
    said = _count_words(paragraph)
    return said > 0 and said == sum(_count_words(each) for each in paragraph.css(_SET_APART))


def _count_words(node: LexborNode) -> int:
    return len(_MARKS.sub(" ", node.text(deep=True, separator=" ")).split())
