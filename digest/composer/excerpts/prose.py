"""Extracts the author's paragraphs from a post's HTML, without the text that the site added."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.composer.excerpts.site_words import is_byline, is_of_the_site, strip_end, strip_start
from digest.composer.lexicon.tidy import is_address, shorten_addresses, tidy_line
from digest.text.excerpts import EMOJI
from digest.text.html import MAX_CHARS, html_to_text, limit_depth
from digest.text.measure import measure_for
from digest.text.sentences import CLOSERS, STOPS, ends_sentence
from digest.text.shortcodes import strip_shortcodes

#: Elements that do not contain sentences: pictures, captions, tables, headings, code, forms.
_NOT_PROSE = """script style iframe figure figcaption table pre h1 h2 h3 h4 h5 h6 del form button
    select textarea noscript template svg nav audio video object""".split()  # noqa: SIM905
#: Characters read of a text; enough for any excerpt.
_MAX_PROSE = 16_000
#: A shorter paragraph without a full stop is a heading, a caption, a byline or a date.
_MIN_WORDS_WITHOUT_STOP = 12
_MAX_UNBROKEN = 100
#: The most paragraphs read, and the most kept.
_MAX_LOOKED_AT = 400
_MAX_KEPT = 60
_KEEP_ADDRESSES = 10_000

_BLANK_LINE = re.compile(r"\n\s*\n")
_LIST_ITEM = re.compile(r"^(?:[*•·▪►‣◦✓✔] ?|[+o–-] )")
_NUMBERED = re.compile(r"^(\d{1,2})[.)] (?=\S)")
#: A line that may continue on the next line.
_OPEN_END = re.compile(r"[,;:–—&(-]$")
#: Dots at the very end of a feed's text mean that the feed cut it.
_TRAILING_DOTS = re.compile(r"[\s,;:]*(?:…|\.{3,})$")
_TRAILING_EMOJI = re.compile(rf"(?<=[{STOPS}{re.escape(CLOSERS)}])\s*(?:{EMOJI}\s*){{1,2}}$")
#: A full stop within the paragraph: it consists of sentences.
_INNER_STOP = re.compile(rf"[{STOPS}][{re.escape(CLOSERS)}]*\s+\w+\s+\w+\s+\w+")
#: The superscript mark of a footnote: `1`, `[2]`, `*`.
_NOTE_MARK = re.compile(r"\[?(?:\d{1,3}|[a-z]|[*†‡§])\]?")
#: Markup that a feed escaped twice.
_STILL_MARKUP = re.compile(r"\s*<(?:!--|(?:p|div|h[1-6]|span|a|img|table|ul|br)\b)")


def read_text(html: str) -> str:
    """Return the text of a post without captions, tables, headings and shortcodes."""
    text = _read_once(html)
    return strip_shortcodes(_read_once(text) if _STILL_MARKUP.match(text) else text)


def _read_once(html: str) -> str:
    # Parsers need quadratic time for deep nesting.
    tree = LexborHTMLParser(limit_depth(html[:MAX_CHARS]))
    tree.strip_tags(_NOT_PROSE, recursive=True)
    drop_captions(tree)
    _drop_notes(tree)
    return html_to_text(tree.body.html or "") if tree.body else ""


def _drop_notes(tree: LexborHTMLParser) -> None:
    """Remove the marks of footnotes; a superscript number without a link is an exponent."""
    for mark in tree.css("sup"):
        said = mark.text(deep=True).strip()
        is_link = mark.css_first("a") is not None or (mark.parent and mark.parent.tag == "a")
        if _NOTE_MARK.fullmatch(said) and (is_link or not said.isalnum()):
            mark.decompose(recursive=True)


def read_prose(text: str, title: str, language: str = "en") -> tuple[str, ...]:
    """Return the author's paragraphs at the beginning of `text`, each as one line.

    Removed are the site's additions (read-on links, "appeared first on", sharing, credits), the
    repeated title, headings, bylines, dates and bare addresses.

    Args:
        text: the result of `read_text`.
        title: the post's title.
        language: the newsletter's language, a BCP 47 tag.
    """
    lines = [line for block in _BLANK_LINE.split(text[:_MAX_PROSE]) for line in _lines_of(block)]
    lines = _mark_numbers(lines[:_MAX_LOOKED_AT])
    # A short paragraph that begins with the site's words is the site's, unless nothing else is
    # left.
    kept = _keep(lines, title, language, is_strict=True)
    return kept or _keep(lines, title, language, is_strict=False)


def _keep(lines: list[str], title: str, language: str, *, is_strict: bool) -> tuple[str, ...]:
    kept: list[str] = []
    is_after_gap = False
    before = ""
    for raw in lines:
        line = _read_line(raw, is_strict=is_strict, is_later=bool(kept))
        if not kept and line:
            line = strip_start(line, title, language)
        line = _TRAILING_EMOJI.sub("", line)
        if not kept and before.endswith(",") and _starts_midway(line):
            # German continues in lower case after `Liebe Leserin,`, which is removed.
            line = line[0].upper() + line[1:]
        before = raw
        if not line or not _is_prose(line, is_item=_LIST_ITEM.match(raw) is not None):
            is_after_gap = True
            continue
        if kept and is_after_gap and _starts_midway(line):
            continue
        is_after_gap = False
        is_new = line[0].isupper() and not _LIST_ITEM.match(raw)
        if kept and is_new and _lacks_full_stop(kept[-1], is_first=len(kept) == 1):
            kept[-1] += "."
        kept.append(shorten_addresses(line))
        if len(kept) == _MAX_KEPT:
            break
    # An excerpt must not begin with the rest of a sentence whose beginning was removed.
    if len(kept) > 1 and _starts_midway(kept[0]) and kept[1][0].isupper():
        kept.pop(0)
    if kept:
        kept[-1] = _TRAILING_DOTS.sub("", kept[-1])
    return tuple(filter(None, kept))


def _read_line(raw: str, *, is_strict: bool, is_later: bool) -> str:
    """Return one paragraph as one line, without the text that plugins add at its end."""
    line = tidy_line(_LIST_ITEM.sub("", raw), max_address=_KEEP_ADDRESSES)
    if not line or (is_strict and is_of_the_site(line, is_later=is_later)):
        return ""
    return strip_end(line)


def _mark_numbers(lines: list[str]) -> list[str]:
    """Mark numbered lines as list items; a single `3. Oktober` is not a list item."""
    numbers = [int(found[1]) if (found := _NUMBERED.match(line)) else None for line in lines]
    known = set(numbers)
    return [
        _NUMBERED.sub("* ", line)
        if number is not None and {number - 1, number + 1} & known
        else line
        for number, line in zip(numbers, lines, strict=True)
    ]


def _lines_of(block: str) -> list[str]:
    """Return the paragraphs of a block; some line breaks separate them, others only wrap."""
    lines = [line.strip() for line in block.split("\n") if line.strip()]
    joint = measure_for(block).joint
    going_on = sum(line[0].islower() for line in lines[1:])
    # Hard-wrapped text: a capital at the start of a line is a coincidence.
    if going_on and going_on * 2 >= len(lines) - 1 and not any(map(_LIST_ITEM.match, lines)):
        return [joint.join(lines)]
    joined: list[list[str]] = []
    for line in lines:
        if joined and not _stands_alone(joined[-1][-1], line):
            joined[-1].append(line)
        else:
            joined.append([line])
    return [joint.join(each) for each in joined]


def _stands_alone(line: str, following: str) -> bool:
    """Whether a line is a heading or a list item, so that the next line is a new paragraph."""
    if _LIST_ITEM.match(following) or _NUMBERED.match(following):
        return True
    measure = measure_for(line)
    is_short = measure.size(line) < measure.scale(_MIN_WORDS_WITHOUT_STOP)
    is_open = ends_sentence(line) or _OPEN_END.search(line)
    return is_short and not is_open and not following[0].islower()


def _is_prose(line: str, *, is_item: bool) -> bool:
    measure = measure_for(line)
    if is_address(line) or (not measure.is_by_characters and _longest_run(line) > _MAX_UNBROKEN):
        return False
    if is_of_the_site(line) or is_byline(line):
        return False
    is_long = measure.size(line) >= measure.scale(_MIN_WORDS_WITHOUT_STOP)
    return ends_sentence(line) or (is_long and not is_item)


def _starts_midway(line: str) -> bool:
    """Whether a line is the rest of a sentence whose beginning was removed."""
    return line[:2].islower() and line[:2].isalpha()


def _lacks_full_stop(line: str, *, is_first: bool) -> bool:
    """Whether a newspaper's lead line, or a paragraph of sentences, ends without a full stop."""
    is_bare = line[-1].isalnum() and not measure_for(line).is_by_characters
    return is_bare and (is_first or _INNER_STOP.search(line) is not None)


def _longest_run(line: str) -> int:
    return max((len(word) for word in line.split() if "://" not in word), default=0)


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


def drop_captions(tree: LexborHTMLParser) -> None:
    """Remove the boxes of pictures with captions from `tree`."""
    if tree.body is None:
        return
    around = _count_words(tree.body)
    for picture in tree.css("img")[:_MAX_PICTURES]:
        box = _box_of(picture)
        if box is None:
            continue
        words = _count_words(box)
        if words <= _MAX_CAPTION_WORDS and around - words >= _MIN_WORDS_AROUND:
            around -= words
            box.decompose(recursive=True)


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
    return len(node.text(deep=True, separator=" ").split())
