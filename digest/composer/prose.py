"""From a post's HTML to the paragraphs that its author wrote, without what the site added."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from digest.composer.measure import measure_for
from digest.composer.tidy import is_address, tidy_line
from digest.composer.words import BOILERPLATE, CAPTIONS, FRAMES, Frame
from digest.text.html import MAX_CHARS, html_to_text
from digest.text.nesting import limit_depth
from digest.text.sentences import ends_sentence
from digest.text.shortcodes import strip_shortcodes
from digest.text.titles import title_key

#: Pictures with their captions, tables, headings and code are not sentences.
_NOT_PROSE = "script style iframe figure figcaption table pre h1 h2 h3 h4 h5 h6 del".split()  # noqa: SIM905
#: Enough for any excerpt; what follows in a long text is not looked at.
_MAX_PROSE = 16_000
#: A shorter paragraph without a stop is a heading, a caption, a byline or a date.
_MIN_WORDS_WITHOUT_STOP = 12
#: A longer line is the author's text, whatever it begins with.
_MAX_SITE_WORDS = 30
_MAX_UNBROKEN = 100

_PARAGRAPHS = re.compile(r"\n\s*\n|\n(?=[*+•·–o-] |\d{1,2}\. )")
_LIST_MARK = re.compile(r"^(?:[*•·▪►] ?|[+o–-] |\d{1,2}\. (?=\S))")
_CUT_MARK = re.compile(r"\s*\[\s*(?:…|\.{3}|&hellip;)\s*\]?\s*(?:[→»›>]+\s*)?$")
_READ_ON = re.compile(
    rf"(?:(?<=[…→»|\]])|(?<=\.\.\.))\s*(?:{BOILERPLATE.alternatives})[^.!?]*[.!?]?$", re.IGNORECASE
)
#: At the very end of a feed's text it says that the feed cut it.
_TRAILING_DOTS = re.compile(r"[\s,;:]*(?:…|\.{3,})$")
#: Markup that a feed escaped twice.
_STILL_MARKUP = re.compile(r"\s*<(?:!--|(?:p|div|h[1-6]|span|a|img|table|ul|br)\b)")
_ARROWS = re.compile(r"\s*[→»›]+\s*$")
_DATELINE = re.compile(r"^[A-Z][A-Z .,’'/-]{2,40}(?:\([\w ]{2,30}\) ?)?[–—-]{1,2} (?=\S)")


def read_text(html: str) -> str:
    """The words of a post, captions, tables and headings left out, shortcodes taken out."""
    text = _read_once(html)
    return strip_shortcodes(_read_once(text) if _STILL_MARKUP.match(text) else text)


def _read_once(html: str) -> str:
    # Parsers take quadratic time over deep nesting.
    tree = LexborHTMLParser(limit_depth(html[:MAX_CHARS]))
    tree.strip_tags(_NOT_PROSE, recursive=True)
    return html_to_text(tree.body.html or "") if tree.body else ""


def read_prose(text: str, title: str) -> tuple[str, ...]:
    """The author's paragraphs at the beginning of `text`, each as one line.

    Left out: what the site added (read-on links, "appeared first on", sharing, credits), the
    title said again, headings, bylines, dates, bare addresses.

    Args:
        text: what `read_text` gave.
        title: of the post.
    """
    kept: list[str] = []
    for raw in _PARAGRAPHS.split(text[:_MAX_PROSE]):
        line = _strip_site_words(tidy_line(_LIST_MARK.sub("", raw.strip())))
        if not kept:
            line = _DATELINE.sub("", _without_title(line, title))
        if line and _is_prose(line):
            kept.append(line)
    if kept:
        kept[-1] = _TRAILING_DOTS.sub("", kept[-1])
    return tuple(kept)


def _is_prose(line: str) -> bool:
    measure = measure_for(line)
    size = measure.size(line)
    if is_address(line) or (not measure.is_by_characters and _longest_run(line) > _MAX_UNBROKEN):
        return False
    if size <= measure.scale(_MAX_SITE_WORDS) and _is_of_the_site(line):
        return False
    return size >= measure.scale(_MIN_WORDS_WITHOUT_STOP) or ends_sentence(line)


def _is_of_the_site(line: str) -> bool:
    folded = line.lower().lstrip("([*–—-→» ")
    is_link = is_address(line.split()[-1])
    return is_link or BOILERPLATE.begins(folded) or bool(CAPTIONS.find(folded))


def _longest_run(line: str) -> int:
    return max(map(len, line.split()), default=0)


def _strip_site_words(line: str) -> str:
    """Cut what plugins put at the end of a paragraph."""
    for frame in FRAMES:
        line = _without_frame(line, frame)
    head, tail = line[:-400], line[-400:]
    tail = _READ_ON.sub("", _ARROWS.sub("", tail))
    return head + _CUT_MARK.sub("", tail)


def _without_frame(line: str, frame: Frame) -> str:
    said = line.find(frame.saying)
    opening = line.rfind(frame.opening, 0, said) if said >= 0 else -1
    return line[:opening].rstrip() if opening >= 0 else line


def _without_title(line: str, title: str) -> str:
    """The line without the title at its beginning, where that is the whole title said again."""
    if title_key(line) == title_key(title):
        return ""
    if len(title.split()) >= 3 and line.lower().startswith(title.lower()):
        rest = line[len(title) :].lstrip(" .:–—-|")
        if rest[:1].isupper():
            return rest
    return line
